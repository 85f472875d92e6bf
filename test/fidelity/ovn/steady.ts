import {readFileSync} from 'node:fs';
import {matches} from '../../../models/faults/link-rules.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {readScenario} from '../../../scenarios/read-scenario.ts';
import {Run} from '../../../scenarios/run.ts';

const scenario = 'ovn-three-gateways';

/** So long nothing has happened yet. */
const quiet = 19_000_000;

/** Intervals in ms between two BFD packets of one session as they leave a chassis, run packet by packet. */
export function heartbeatIntervals(seeds: number): readonly number[] {
  const file = `scenarios/library/${scenario}.yaml`;
  const reading = readScenario(readFileSync(file, 'utf8'), file);
  if ('mistakes' in reading) throw new Error(JSON.stringify(reading.mistakes));
  const intervals: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const run = new Run(makePlan(reading.scenario, seed), {stepped: true});
    for (const {nics} of run.world.ovn.chassis) {
      const lastAt = new Map<number, number>();
      const underlay = nics.find(({name}) => name === 'underlay');
      underlay?.addRule('tap', {
        direction: 'out',
        cause: 0,
        judge(frame) {
          const {payload} = frame;
          if (payload.kind !== 'ipv4' || !matches(frame, {protocol: 'bfd', port: undefined})) return undefined;
          const last = lastAt.get(payload.destination);
          if (last !== undefined) intervals.push((run.now - last) / 1000);
          lastAt.set(payload.destination, run.now);
          return undefined;
        },
      });
    }
    run.advance(quiet);
  }
  return intervals;
}
