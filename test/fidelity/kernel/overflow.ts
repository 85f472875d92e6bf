import {milliseconds, seconds} from '../../../engine/time.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import type {Ipv4} from '../../../models/wire/ipv4.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {eachSeed, ip, type Lan, type Member, type Sent} from './lan.ts';

/** A host whose neighbour table is full, over all its namespaces. */
export function neighbourOverflow(seeds: number): Table {
  // The bench's host was not tidied up in between, which happens every 15.1 s.
  const runs = eachSeed(Math.min(seeds, 10), lan => (lan.neighbours.tidyAt > seconds(10) ? [overflow(lan)] : []));
  const row = (what: string, measured: string, emulated: (run: (typeof runs)[number]) => number | string) =>
    exactRow(
      [what],
      1,
      measured,
      runs.map(run => `${emulated(run)}`),
    );
  return {
    title: 'Neighbour table overflow',
    notes: [
      'Thresholds 128, 512, 1024. 1200 new addresses in 0.3 s, in a second namespace, onto 60 old STALE, 60 young STALE, 60 REACHABLE, 20 PERMANENT and 2 other entries in a first one.',
    ],
    head: ['what', ...exactHead],
    rows: [
      row('old STALE ones evicted', '60', ({evicted}) => evicted.old),
      row('other ones evicted', '0', ({evicted}) => evicted.others),
      row('new ones created', '902', ({created}) => created),
      row('non-permanent ones in all', '1024', ({evictable}) => evictable),
      row('packets to new addresses that failed at once', '298', ({failed}) => failed),
      row('what the sender gets: the packet is gone', 'ENOBUFS, or nothing', ({reason}) =>
        reason === 'neighbour table full' ? 'ENOBUFS, or nothing' : reason,
      ),
      row('forwarded to a new address: ICMP errors that come back', '0', ({errors}) => errors),
      row('traffic to REACHABLE, young STALE, PERMANENT meanwhile', 'works', ({meanwhile}) => meanwhile),
      row('traffic to an evicted one', 'fails', ({toEvicted}) => toEvicted),
      row('3.6 s later: the first new entry evicts down to', '512', ({later}) => later.left),
      row('3.6 s later: the first new entry', 'works', ({later}) => later.fate),
      row('PERMANENT entries beyond the limit', 'exempt', ({exempt}) => (exempt ? 'exempt' : 'refused')),
    ],
  };
}

/** So many addresses of a network of their own. */
function peers(network: number, count: number): readonly Ipv4[] {
  return Array.from({length: count}, (_, i) => ip(`10.${network}.0.0`) + 1 + i);
}

const known = {
  old: peers(1, 60),
  young: peers(2, 60),
  reachable: peers(3, 60),
  permanent: peers(4, 20),
  other: peers(5, 1),
};
const newcomers = peers(6, 1200);

function overflow(lan: Lan) {
  const mine = lan.host('first', '10.0.0.1/8');
  const theirs = lan.machine('peers', '10.0.0.9/8', Object.values(known).flat());
  const second = lan.host('second', '10.0.0.1/8', {}, lan.bridge('br1'));
  lan.link(second.namespace, 'eth1', '192.168.0.1/24', lan.bridge('br2'));
  // The other of the two: who sends what the second namespace is to forward.
  const sender = lan.machine('sender', '192.168.0.2/24', [], lan.bridge('br2'));
  const route = {prefix: {address: 0, length: 0}, device: 'eth0', via: ip('192.168.0.1'), source: undefined};
  sender.namespace.addRoute(route);
  for (const address of known.permanent) mine.device.pin(address, theirs.device.mac);
  askedBy(lan, mine, theirs, known.old);
  lan.pass(seconds(6));
  use(lan, mine, [...known.reachable, ...known.other]);
  lan.udp(sender.namespace, '192.168.0.1');
  askedBy(lan, mine, theirs, known.young);
  const packets = newcomers.map(address => {
    lan.pass(250);
    return lan.udp(second.namespace, address);
  });
  const fates = packets.map(packet => lan.fateOf(packet)?.verdict);
  const failed = fates.filter(verdict => verdict !== undefined);
  const result = {
    evicted: {
      old: missing(mine, known.old),
      others: missing(mine, [...known.young, ...known.reachable, ...known.permanent, ...known.other]),
    },
    created: newcomers.length - missing(second, newcomers),
    evictable: lan.neighbours.neighbours.evictable,
    failed: failed.length,
    reason: [...new Set(failed.map(verdict => (verdict.kind === 'dropped' ? verdict.reason : verdict.kind)))].join(),
    errors: errorsFrom(lan, sender, ip('10.7.0.1')),
    meanwhile: fateOf(lan, mine, [known.reachable[0], known.young[0], known.permanent[0]]),
    toEvicted: fateOf(lan, mine, [known.old[0]]),
    exempt: pinned(lan, mine),
  };
  lan.pass(seconds(3.6));
  const fresh = lan.udp(mine.namespace, known.old[1]);
  const left = lan.neighbours.neighbours.evictable;
  lan.pass(milliseconds(1));
  return {...result, later: {left, fate: lan.arrivals.includes(fresh) ? 'works' : 'fails'}};
}

/** The peers ask for the namespace, which so gets to know them: STALE. */
function askedBy(lan: Lan, {device}: Member, theirs: Member, addresses: readonly Ipv4[]): void {
  const {mac: senderMac} = theirs.device;
  const targetIp = device.addresses[0].address;
  for (const senderIp of addresses) {
    const payload = {kind: 'arp', operation: 'request', senderMac, senderIp, targetMac: 0, targetIp} as const;
    lan.inject({source: senderMac, destination: broadcastMac, vlan: undefined, payload});
  }
  lan.pass(milliseconds(1));
}

function use(lan: Lan, {namespace}: Member, addresses: readonly Ipv4[]): readonly number[] {
  const packets = addresses.map(address => lan.udp(namespace, address));
  lan.pass(milliseconds(1));
  return packets;
}

function missing({device}: Member, addresses: readonly Ipv4[]): number {
  return addresses.filter(address => device.neighbour(address) === undefined).length;
}

function fateOf(lan: Lan, member: Member, addresses: readonly Ipv4[]): 'works' | 'fails' | 'some work' {
  const packets = use(lan, member, addresses);
  const arrived = packets.filter(packet => lan.arrivals.includes(packet)).length;
  return arrived === packets.length ? 'works' : arrived === 0 ? 'fails' : 'some work';
}

/** ICMP errors that the sender of a packet gets, which is to be forwarded to an address that would be new. */
function errorsFrom(lan: Lan, sender: Member, to: Ipv4): number {
  const before = lan.wire.length;
  const packet = lan.udp(sender.namespace, to);
  lan.pass(milliseconds(1));
  if (lan.fateOf(packet)?.verdict.kind !== 'dropped') throw new Error('the packet was not refused');
  const isError = ({frame: {payload}}: Sent): boolean =>
    payload.kind === 'ipv4' && payload.payload.kind.startsWith('icmp');
  return lan.wire.slice(before).filter(isError).length;
}

function pinned(lan: Lan, {device}: Member): boolean {
  const before = lan.neighbours.neighbours.size;
  const addresses = peers(8, 100);
  for (const address of addresses) device.pin(address, 0x02_00_00_00_00_04);
  return lan.neighbours.neighbours.size === before + addresses.length;
}
