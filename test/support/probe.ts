import type {Fact} from '../../engine/ledger.ts';
import type {FlowEnd} from '../../models/dataplane/flow-end.ts';
import type {Passage, Verdict} from '../../models/dataplane/passage.ts';
import {delivered} from '../../models/dataplane/passage.ts';
import type {Ground} from '../../models/ground.ts';
import type {Ipv4Packet} from '../../models/wire/ipv4-packet.ts';
import type {BfdControl} from '../../models/wire/bfd.ts';
import {formatIpv4, parseIpv4, type Ipv4} from '../../models/wire/ipv4.ts';
import type {World} from '../../models/world/world.ts';
import type {Luck} from './luck.ts';
import {TracedPassage} from './traced-passage.ts';

/** A packet that can be sent again and again. */
export type Probe = {
  readonly name: string;
  send(passage: Passage): Verdict;
  /** What its sender relies on beyond what the passage notes. */
  ownFacts?(): readonly Fact[];
};

/** All that can be told of one packet: what it met, what it owes, where it came out and under which addresses. */
export type Account = {
  readonly verdict: Verdict;
  readonly latency: number;
  readonly cause: number;
  readonly counted: readonly number[];
  readonly kept: readonly number[];
  readonly arrivals: readonly string[];
  readonly repeatable: boolean;
};

/** A packet as it came out, and where. */
export type Arrival = {readonly host: string; readonly packet: Ipv4Packet};

export type Journey = {
  readonly account: Account;
  readonly passage: TracedPassage;
  readonly arrived: Arrival | undefined;
};

let numbers = 1_000_000_000;

/** Sends a probe now. */
export function sendProbe(ground: Ground, {name, send}: Probe): Journey {
  const passage = new TracedPassage(ground, {sender: `probe ${name}`, number: numbers++});
  const arrivals: Arrival[] = [];
  passage.arrive = (host, packet) => {
    arrivals.push({host, packet});
    return delivered;
  };
  const verdict = send(passage);
  return {
    account: {
      verdict,
      latency: passage.latency,
      cause: passage.cause,
      counted: [...passage.counted],
      kept: [...passage.kept],
      arrivals: arrivals.map(({host, packet}) => `${host} ${describe(packet)}`),
      repeatable: passage.repeatable,
    },
    passage,
    arrived: arrivals[0],
  };
}

export type Ports = {readonly source: number; readonly destination: number};

/** A packet from one end to an address. For ICMP the source port is the identifier. */
export function packetTo(from: FlowEnd, destination: Ipv4, protocol: 'udp' | 'icmp-echo', ports: Ports): Ipv4Packet {
  const payload = {kind: 'payload', size: 64, bytes: undefined} as const;
  return {
    kind: 'ipv4',
    source: from.address,
    destination,
    ttl: 64,
    tos: 0,
    identification: 0,
    dontFragment: true,
    payload:
      protocol === 'udp'
        ? {kind: 'udp', sourcePort: ports.source, destinationPort: ports.destination, checksummed: true, payload}
        : {kind: 'icmp-echo', operation: 'request', identifier: ports.source, sequence: 1, payload},
  };
}

/** The answer to a packet as it has arrived, from where it has arrived. */
export function answerOf(world: World, {host, packet}: Arrival): Probe | undefined {
  const end = endsOf(world).find(({name}) => name === host);
  const answer = answerTo(packet);
  return end && {name: `answer from ${host}`, send: passage => end.send(answer, passage)};
}

function answerTo(packet: Ipv4Packet): Ipv4Packet {
  const {payload} = packet;
  const back = {...packet, source: packet.destination, destination: packet.source, ttl: 64};
  if (payload.kind === 'udp') {
    return {...back, payload: {...payload, sourcePort: payload.destinationPort, destinationPort: payload.sourcePort}};
  }
  if (payload.kind === 'icmp-echo') return {...back, payload: {...payload, operation: 'reply'}};
  return back;
}

/** `10.0.2.2:20000 > 203.0.113.10:9000 ttl 62` */
export function describe({source, destination, ttl, payload}: Ipv4Packet): string {
  const [from, to] =
    payload.kind === 'udp'
      ? [`:${payload.sourcePort}`, `:${payload.destinationPort}`]
      : payload.kind === 'icmp-echo'
        ? [` ${payload.operation} ${payload.identifier}`, '']
        : ['', ''];
  return `${formatIpv4(source)}${from} > ${formatIpv4(destination)}${to} ttl ${ttl}`;
}

/** Everybody who can send: VMs, and hosts outside that have a part in a flow. */
export function endsOf(world: World): readonly FlowEnd[] {
  const ends = world.traffic.flatMap(({settings}) => [settings.from, ...(settings.to ? [settings.to] : [])]);
  const vms = world.plan.vms.flatMap(({name}) => world.cloud.vm(name) ?? []);
  return [...new Map([...ends, ...vms].map(end => [end.name, end])).values()];
}

/** A packet of one of these ends by name. */
export function probeOf(
  world: World,
  from: string,
  destination: string,
  protocol: 'udp' | 'icmp-echo' = 'udp',
  ports: Ports = {source: 20_000, destination: 9_000},
): Probe {
  const end = endsOf(world).find(({name}) => name === from);
  const address = parseIpv4(destination) ?? endsOf(world).find(({name}) => name === destination)?.address;
  if (!end || address === undefined) throw new Error(`no way from ${from} to ${destination}`);
  const packet = packetTo(end, address, protocol, ports);
  return {name: `${protocol} ${from} → ${destination}`, send: passage => end.send(packet, passage)};
}

/** A packet from anyone to anyone: VMs, floating addresses, the router, hosts outside. */
export function someProbe(world: World, luck: Luck): Probe {
  const ends = endsOf(world);
  const {name} = luck.pick(ends);
  const outside = ['outside', 'near'].includes(name);
  const {routers, floating} = world.plan;
  const inward = [...routers.flatMap(({external}) => external ?? []), ...floating].map(own => formatIpv4(own.address));
  const destination = luck.pick(outside ? inward : [...ends.map(end => end.name), ...inward]);
  const ports = outside ? {source: 9_000, destination: 20_000} : {source: 20_000, destination: 9_000};
  return probeOf(world, name, destination, luck.pick(['udp', 'icmp-echo']), ports);
}

/** A BFD packet to the other end of a tunnel, which ignores it. */
export function someHeartbeat(world: World, luck: Luck): Probe {
  const from = luck.pick(world.ovn.chassis);
  const to = luck.pick(world.ovn.chassis);
  const control = {...bfdDefaults, detectMult: 0};
  return {
    name: `heartbeat ${from.name} → ${to.name}`,
    send: passage => from.vswitchd.transmit(control, to.number, passage),
    ownFacts: () => [
      ...[from.vswitchd.session(to.number), to.vswitchd.session(from.number)].flatMap(end => (end ? [end.fact] : [])),
    ],
  };
}

const bfdDefaults: BfdControl = {
  kind: 'bfd',
  version: 1,
  diagnostic: 'no-diagnostic',
  state: 'up',
  poll: false,
  final: false,
  controlPlaneIndependent: false,
  authentication: false,
  demand: false,
  multipoint: false,
  detectMult: 3,
  myDiscriminator: 1,
  yourDiscriminator: 1,
  desiredMinTx: 100_000,
  requiredMinRx: 1_000_000,
  requiredMinEchoRx: 0,
};
