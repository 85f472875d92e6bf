import {toSeconds} from '../engine/time.ts';
import {makePlan} from '../scenarios/make-plan.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import {Run} from '../scenarios/run.ts';
import type {Findings} from './findings.ts';
import {collectGarbage, cpuSeconds} from './measure.ts';

type Measured = {
  readonly name: string;
  readonly flows: number;
  /** Simulated seconds per second of CPU time. */
  readonly speed: number;
  /** Bytes that are held at the end of the run. */
  readonly memory: number;
};

/** Every VM talks to the outside from the first instant on, and the gateway that carries all of it crashes. */
const cloud = (computes: number, perCompute: number): string => `
name: many-flows
duration: 60s
chassis:
  gw[1..3]: {role: gateway}
  cn[1..${computes}]: {role: compute}
networks:
  public: {type: flat, cidr: 10.0.0.0/12, external: true, gateway: 10.0.0.1}
  inside: {type: geneve, cidr: 172.16.0.0/12}
segments:
  underlay: {cidr: 192.168.0.0/16}
  management: {cidr: 10.200.0.0/16}
routers:
  r1:
    external: {network: public, address: 10.0.0.2}
    interfaces: [inside]
    gateway-chassis: {gw1: 30, gw2: 20, gw3: 10}
vms:
  vm[1..${perCompute}]: {network: inside, placement: every compute}
traffic:
  out: {from: all vms, to: outside, every: 1s}
faults:
  crash: {break: chassis, of: active gateway of r1, at: 30s, for: 10s}
`;

/** What more computes and flows cost, against a small cloud. With as many computes, twice the flows cost twice as much. */
export function manyFlows(): Findings {
  const sizes = [
    [20, 10],
    [20, 100],
    [200, 10],
    [200, 50],
  ] as const;
  const measured = sizes.map(([computes, perCompute]) => measure(computes, perCompute));
  const [least] = measured;
  return {
    title: '60 s in which all VMs send outside and a gateway crashes, against the first row',
    head: ['cloud', 'flows', 'simulated s per CPU s', 'flows', 'CPU time', 'memory'],
    rows: measured.map(({name, flows, speed, memory}) => [
      name,
      `${flows}`,
      speed.toFixed(1),
      times(flows / least.flows),
      times(least.speed / speed),
      times(memory / least.memory),
    ]),
  };
}

function measure(computes: number, perCompute: number): Measured {
  const reading = readScenario(cloud(computes, perCompute), 'many-flows.yaml');
  if ('mistakes' in reading) throw new Error(reading.mistakes.map(({message}) => message).join('\n'));
  const plan = makePlan(reading.scenario, 1);
  const before = heldMemory();
  const run = new Run(plan);
  const seconds = cpuSeconds(() => run.advance(plan.duration));
  const memory = heldMemory() - before;
  // Named here so that the run is still held when its memory is measured.
  const {flows} = run.plan;
  const name = `${computes} computes`;
  return {name, flows: flows.length, speed: toSeconds(plan.duration) / seconds, memory};
}

function heldMemory(): number {
  collectGarbage();
  const {heapUsed, arrayBuffers} = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function times(ratio: number): string {
  return `${ratio.toFixed(1)} ×`;
}
