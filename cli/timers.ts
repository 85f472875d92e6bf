import type {Time} from '../engine/time.ts';
import {milliseconds} from '../reports/format.ts';
import type {HostProfile, Scenario} from '../scenarios/scenario.ts';

/** Timers that no scenario sets, under the names of docs/results.md: those that show most in results. */
export const fixedTimers = {
  /** The grain of the kernel's timers for neighbours and connections: HZ = 250. */
  'kernel-jiffy': '4ms',
} as const;

/** The same of OVN. */
export const fixedTimersOfOvn = {
  ...fixedTimers,
  /** lib/reconnect.h: between attempts to connect to a database or a switch, doubled from the least to the most. */
  'reconnect-min-backoff': '1000ms',
  'reconnect-max-backoff': '8000ms',
  /** binding.c, CLAIM_TIME_THRESHOLD_MS: how often at most a gateway port is claimed from another chassis. */
  'gateway-claim-interval': '500ms',
} as const;

/** The timers that a run had, as a scenario writes them: options, next-hop BFD, switches, hosts, and the fixed ones. */
export function timersOf(scenario: Scenario): object {
  const {ovn, neutron, segments} = scenario;
  return {
    ...(neutron ? optionsOf(neutron) : optionsOf(ovn)),
    'next-hop-bfd': nextHops(scenario),
    'switch-ageing': Object.fromEntries(segments.map(({name, ageing}) => [name, timer(ageing)])),
    hosts: profiles(scenario),
    fixed: neutron ? fixedTimers : fixedTimersOfOvn,
  };
}

/** Options that are spans or whole numbers; switches and addresses set no timer. */
function optionsOf(options: NonNullable<Scenario['ovn' | 'neutron']>): object {
  const counted: ReadonlySet<string> = new Set([
    'bfd-mult',
    'rpc-workers',
    'rpc-state-report-workers',
    'heartbeat-rate',
  ]);
  const entries = Object.entries(options).flatMap(([name, value]): readonly (readonly [string, string | number])[] => {
    if (typeof value !== 'number' || name === 'vxlan-group') return [];
    return [[name, counted.has(name) ? value : timer(value)]];
  });
  return Object.fromEntries(entries);
}

function nextHops({routers}: Scenario): readonly object[] {
  return routers.flatMap(({name, routes}) =>
    routes.flatMap(({bfd}, route) =>
      bfd
        ? [
            {
              ...{router: name, route},
              ...{'min-tx': timer(bfd.minTx), 'min-rx': timer(bfd.minRx), 'detect-mult': bfd.detectMult},
            },
          ]
        : [],
    ),
  );
}

/** Each profile once, with the chassis that have it. */
function profiles({chassis}: Scenario): readonly object[] {
  const found = new Map<string, {base: string; steps: object; chassis: string[]}>();
  for (const {name, host} of chassis) {
    const steps = stepsOf(host);
    const key = JSON.stringify([host.base, steps]);
    const profile = found.get(key) ?? {base: host.base, steps, chassis: []};
    profile.chassis.push(name);
    found.set(key, profile);
  }
  return [...found.values()];
}

function stepsOf({steps}: HostProfile): object {
  return Object.fromEntries([...steps].map(([step, [least, most]]) => [step, [timer(least), timer(most)]]));
}

/** As a scenario writes it. */
function timer(time: Time): string {
  return `${milliseconds(time)}ms`;
}
