import {seconds} from '../../engine/time.ts';
import type {FlowResult} from '../../models/events/results.ts';
import type {World} from '../../models/world/world.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {Run} from '../../scenarios/run.ts';
import {scenarioOf} from '../scenarios/scenario-files.ts';

/** Who begins a connection to whom, as the tables of docs/models/l3-ha.md call it. */
export const ways: Readonly<Record<string, string>> = {
  'VM → outside, SNAT': 'from: vm1, to: outside',
  'outside → floating IP': 'from: outside, to: 203.0.113.50',
  'VM with floating IP → outside': 'from: vm2, to: outside',
};

/** What is done over a connection. */
export const kinds: Readonly<Record<string, string>> = {
  'UDP upload': 'protocol: udp, every: 200ms',
  'UDP download': 'protocol: udp, pattern: download, every: 200ms',
  'UDP ping-pong': 'protocol: udp-echo, every: 200ms',
  'UDP push': 'protocol: udp, pattern: push, every: 14s, start: 1s',
  'TCP upload': 'protocol: tcp, pattern: upload, every: 250ms, limit: 25s, reconnect: never',
  'TCP download': 'protocol: tcp, pattern: download, every: 250ms, limit: 25s, reconnect: never',
  'TCP ping-pong': 'protocol: tcp, pattern: ping-pong, every: 250ms, limit: 25s, reconnect: never',
  'TCP push': 'protocol: tcp, pattern: push, every: 14s, start: 1s, limit: 10s, reconnect: never',
};

/** What a new primary makes of packets of connections that it has not seen begin. */
export const routers: Readonly<Record<string, string>> = {
  'SNAT keeps ports': '{release: stein}',
  '`--random-fully`': '{release: caracal}',
  conntrackd: '{release: epoxy, ha-conntrackd-enabled: true}',
};

/** `other port`: it goes on, and looks to the server as if it came from somebody else. */
export type Fate = 'goes on' | 'other port' | 'dies' | 'reset' | 'hangs';

/** What becomes of a flow of each way and kind when the node where a router is active loses its power. */
export function fatesOf(options: string, seed: number): ReadonlyMap<string, Fate> {
  const run = new Run(makePlan(scenarioOf(scenario(options)), seed));
  run.advance(seconds(19));
  const before = portsOutside(run.world);
  run.advance(run.plan.duration);
  const after = portsOutside(run.world);
  const {flows, announcements} = run.result();
  const unrestored = new Set<number>();
  for (const {kind, detail} of announcements) {
    if (kind === 'flow lost') unrestored.add(detail.flow);
    if (kind === 'flow restored') unrestored.delete(detail.flow);
  }
  const names = Object.keys(ways).flatMap(way => Object.keys(kinds).map(kind => `${way}, ${kind}`));
  return new Map(
    flows.map((flow, index) => {
      const port = firstPort + flow.number;
      const moved = after.has(port) && after.get(port) !== before.get(port);
      const fate = unrestored.has(flow.number) ? endOf(flow) : moved ? 'other port' : 'goes on';
      return [names[index], fate];
    }),
  );
}

/** Source ports of UDP flows go up from here. */
const firstPort = 20_000;

/** By which port VMs talk to the outside by UDP where the router is active, by their own port. */
function portsOutside({neutron}: World): ReadonlyMap<number, number> {
  const [active] = neutron.hostsOf('r1');
  const node = neutron.chassis.find(({name}) => name === active)!;
  const [{translation}] = node.linux.routers.values();
  const vms = new Set(neutron.inventory.ports.flatMap(({kind, address}) => (kind === 'vm' ? [address] : [])));
  const entries = translation.connections.list(0).filter(({original}) => vms.has(original.source));
  return new Map(entries.map(({original, reply}) => [original.sourcePort, reply.destinationPort]));
}

function endOf({connections}: FlowResult): Fate {
  if (!connections) return 'dies';
  return connections.reset > 0 ? 'reset' : 'hangs';
}

function scenario(options: string): string {
  const flows = Object.values(ways).flatMap(ends => Object.values(kinds).map(kind => `{${ends}, ${kind}}`));
  return [
    ...['name: takeover', 'duration: 60s', `neutron: ${options}`],
    ...['chassis: {"net[1..3]": {role: gateway}, "cn[1..2]": {role: compute}}', 'networks:'],
    '  public: {type: flat, cidr: 203.0.113.0/24, external: true, gateway: 203.0.113.1}',
    '  blue: {type: vxlan, cidr: 10.1.0.0/24}',
    'routers:',
    '  r1: {ha: true, external: {network: public, address: 203.0.113.11}, interfaces: [blue]}',
    'vms: {vm1: {network: blue, placement: cn1}, vm2: {network: blue, placement: cn2}}',
    'floating-ips: {203.0.113.50: {vm: vm2}}',
    'traffic:',
    ...flows.map((flow, index) => `  flow${index}: ${flow}`),
    'faults: {crash: {break: chassis, of: active gateway of r1, at: 20s + random 2s}}',
    '',
  ].join('\n');
}
