import type {RunResult} from '../../../models/events/results.ts';
import type {Phase} from './observe.ts';

/** A case of the bench as a scenario of the library with the bench's own cadence. */
export type Case = {
  readonly bench: string;
  readonly settings: string;
  readonly scenario: string;
  /** Settings that give the scenario the bench's cadence; `luck` is the bench's own, in [0, 1). */
  readonly set: (luck: () => number) => readonly string[];
  /** The fault whose edges cut the run into phases, and the name of what begins with its start and its end. */
  readonly fault: string;
  readonly phases: readonly [string, string];
  /** Phases of other faults: which edge begins them. */
  readonly others?: readonly {readonly phase: string; readonly fault: string; readonly edge: 'start' | 'end'}[];
  /** The first occurrence meets another past than those after it, as the first run of a bench does. */
  readonly skipFirst: boolean;
};

/** The bench broke, waited, mended, waited, and broke again: how long each wait was is in its raw rows. */
const cadence =
  (fault: string, lasts: string, every: string, times: number, ...more: readonly string[]) =>
  (): readonly string[] => [
    ...more,
    `faults.${fault}.for=${lasts}`,
    `faults.${fault}.repeat={every: ${every}, times: ${times}}`,
  ];

const asItIs = (): readonly string[] => [];

export const cases: readonly Case[] = [
  {
    bench: 'link_ul',
    settings: 'default',
    scenario: 'ovn-short-underlay-outage',
    set: asItIs,
    fault: 'underlay',
    phases: ['fail', 'recover'],
    skipFirst: true,
  },
  {
    bench: 'vswitchd_kill9',
    settings: 'default',
    scenario: 'ovn-vswitchd-kill',
    set: cadence('vswitchd', '6.5s + random 0.3s', '18.2s', 4, 'duration=100s'),
    fault: 'vswitchd',
    phases: ['fail', 'recover'],
    skipFirst: true,
  },
  {
    bench: 'controller_exit',
    settings: 'default',
    scenario: 'ovn-controller-exit',
    set: cadence('controller', '6.55s + random 0.25s', '17.8s', 4, 'duration=100s'),
    fault: 'controller',
    phases: ['fail', 'recover'],
    skipFirst: true,
  },
  {
    bench: 'controller_kill9',
    settings: 'default',
    scenario: 'ovn-controller-kill',
    set: asItIs,
    fault: 'controller',
    phases: ['fail', 'recover'],
    skipFirst: false,
  },
  {
    bench: 'mgmt_only',
    settings: 'default',
    scenario: 'ovn-management-lost',
    set: asItIs,
    fault: 'management',
    phases: ['fail', 'recover'],
    skipFirst: false,
  },
  {
    bench: 'gw_prov_only',
    settings: 'default',
    scenario: 'ovn-gateway-provider-down',
    set: () => ['faults.provider.for=12.02s + random 0.13s'],
    fault: 'provider',
    phases: ['fail', 'recover'],
    skipFirst: false,
  },
  {
    bench: 'compute_link_ul',
    settings: 'default',
    scenario: 'ovn-compute-underlay-down',
    set: () => ['faults.underlay.for=6.56s + random 0.24s'],
    fault: 'underlay',
    phases: ['compute', 'recover compute'],
    skipFirst: false,
  },
  {
    bench: 'sbdown_link_ul',
    settings: 'default',
    scenario: 'ovn-database-killed',
    set: luck => {
      const killedAt = 20 + luck() * 1.5;
      const backAt = 24.5 + 9.02 + luck() * 0.26;
      return [
        `faults.database.at=${killedAt.toFixed(3)}s`,
        `faults.database.for=${(backAt - killedAt).toFixed(3)}s`,
        'faults.underlay.at=24.5s',
        `faults.underlay.for=${(18.22 + luck() * 0.3).toFixed(3)}s`,
      ];
    },
    fault: 'underlay',
    phases: ['fail', 'recover2'],
    others: [{phase: 'recover owner', fault: 'database', edge: 'end'}],
    skipFirst: false,
  },
  {
    bench: 'link_ul',
    settings: '200/100/3',
    scenario: 'ovn-fast-bfd',
    set: cadence('underlay', '5.04s + random 0.23s', '15.7s', 5, 'duration=95s'),
    fault: 'underlay',
    phases: ['fail', 'recover'],
    skipFirst: true,
  },
  {
    bench: 'link_ul',
    settings: 'default,long',
    scenario: 'ovn-three-gateways',
    set: () => ['faults.underlay.for=45.17s', 'duration=110s'],
    fault: 'underlay',
    phases: ['fail', 'recover'],
    skipFirst: false,
  },
];

/** Cuts a run into the bench's phases. */
export function phasesOf(run: RunResult, {fault, phases, others = [], skipFirst}: Case): readonly Phase[] {
  const edges = run.announcements.flatMap(({kind, at, detail}) => {
    if (kind !== 'fault began' && kind !== 'fault ended') return [];
    const edge = kind === 'fault began' ? 'start' : 'end';
    const {fault: name, occurrence} = detail as {fault: string; occurrence: number};
    if (name === fault) return [{at, phase: phases[edge === 'start' ? 0 : 1], occurrence}];
    const other = others.find(candidate => candidate.fault === name && candidate.edge === edge);
    return other ? [{at, phase: other.phase, occurrence}] : [];
  });
  return edges
    .map(({at, phase, occurrence}, index) => ({
      name: phase,
      from: at,
      to: edges[index + 1]?.at ?? run.duration,
      occurrence,
    }))
    .filter(({occurrence}) => !skipFirst || occurrence > 1);
}
