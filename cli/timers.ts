import type {Time} from '../engine/time.ts';
import {milliseconds} from '../reports/format.ts';
import type {HostProfile, Machine, Scenario} from '../scenarios/scenario.ts';

/** Timers that no scenario sets, under the names of docs/results.md: those that show most in results. */
export const fixedTimers = {
  /** The grain of the kernel's timers for neighbours and connections: HZ = 250. */
  'kernel-jiffy': '4ms',
} as const;

/** VRRP_ADVER_DFL of keepalived. */
const keepalivedAdvertInterval: Time = 1_000_000;

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
  const {ovn, neutron, segments, machines, chassis} = scenario;
  const switches = {'switch-ageing': Object.fromEntries(segments.map(({name, ageing}) => [name, timer(ageing)]))};
  if (machines) {
    const adverts = {'advert-int': Object.fromEntries(machines.flatMap(advertIntervals))};
    return {...adverts, ...switches, hosts: profiles(machines, 'machines'), fixed: fixedTimers};
  }
  return {
    ...(neutron ? optionsOf(neutron) : optionsOf(ovn)),
    'next-hop-bfd': nextHops(scenario),
    ...switches,
    hosts: profiles(chassis, 'chassis'),
    fixed: neutron ? fixedTimers : fixedTimersOfOvn,
  };
}

/** Of each instance of keepalived on a machine of LANs; those that the file leaves to keepalived have its default. */
function advertIntervals({name, keepalived}: Machine): readonly (readonly [instance: string, interval: string])[] {
  return (keepalived?.instances ?? []).map(instance => {
    return [`${name} ${instance.name}`, timer(instance.advertInt ?? keepalivedAdvertInterval)];
  });
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

/** Each profile once, with those that have it. */
function profiles(
  hosts: readonly {readonly name: string; readonly host: HostProfile}[],
  called: 'chassis' | 'machines',
): readonly object[] {
  const found = new Map<string, {readonly base: string; readonly steps: object; readonly names: string[]}>();
  for (const {name, host} of hosts) {
    const steps = stepsOf(host);
    const key = JSON.stringify([host.base, steps]);
    const profile = found.get(key) ?? {base: host.base, steps, names: []};
    profile.names.push(name);
    found.set(key, profile);
  }
  return [...found.values()].map(({base, steps, names}) => ({base, steps, [called]: names}));
}

function stepsOf({steps}: HostProfile): object {
  return Object.fromEntries([...steps].map(([step, [least, most]]) => [step, [timer(least), timer(most)]]));
}

/** As a scenario writes it. */
function timer(time: Time): string {
  return `${milliseconds(time)}ms`;
}
