import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {openScenario} from '../../cli/scenario-files.ts';
import runOne from '../../cli/sweeps/run-one.ts';
import {runSweep, type SweepOptions} from '../../cli/sweeps/run-sweep.ts';
import {makeJob, taskOf} from '../../cli/sweeps/sweep-job.ts';
import {readRecord} from '../../reports/sweeps/run-record.ts';
import type {SweepResults} from '../../reports/sweeps/sweep-files.ts';
import type {SweepWords} from '../../scenarios/read-sweep.ts';

/** A sweep of moments: two gateways, one of which loses its link; two settings and six seeds under `sweep`. */
export const quickSweep = `name: quick
duration: 12s
chassis:
  gw[1..2]: {role: gateway}
  cn1: {role: compute}
networks:
  public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}
  private: {type: geneve, cidr: 172.16.100.0/24}
routers:
  r1: {external: {network: public, address: 10.0.2.2}, interfaces: [private], gateway-chassis: {gw1: 2, gw2: 1}}
vms:
  vm1: {network: private}
traffic:
  snat: {from: vm1, to: outside, every: 50ms}
faults:
  link: {break: link, of: gw1, nic: underlay, at: 3s + random 1s}
expect:
  - convergence.max < 5s
sweep:
  seeds: 1..6
  set:
    bfd-mult: [3, 4]
`;

/** Runs the quick sweep here, without threads, the last run first; its scenario file lies in `folder`. */
export function sweepHere(
  folder: string,
  options: Partial<SweepOptions> = {},
  words: SweepWords = {},
): Promise<SweepResults> {
  const path = join(folder, 'quick.yaml');
  writeFileSync(path, quickSweep);
  const job = makeJob(openScenario(path), words, () => undefined);
  return runSweep(
    job,
    (runs, take) => {
      for (const run of [...runs].reverse()) take(run, readRecord(runOne(taskOf(run, job)))!);
      return Promise.resolve();
    },
    {out: undefined, resume: false, shard: undefined, screen: {write: () => true}, ...options},
  );
}
