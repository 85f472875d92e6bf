import {readFileSync} from 'node:fs';
import test from 'ava';
import {parse} from 'csv-parse/sync';
import type {Frame} from '../../../models/wire/frame.ts';
import {broadcastMac, multicastMac} from '../../../models/wire/mac.ts';
import {announcementFrom, arpFrom, ipOf, macOf, packetFrom, VxlanNetwork, type Mode} from './vxlan-network.ts';

type Row = Readonly<
  Record<
    | 'mode'
    | 'vteps'
    | 'frame'
    | 'copies_leaving_source'
    | 'copies_arriving_at_other_vteps'
    | 'delivered_to_vm_ports'
    | 'arp_replies_to_sender',
    string
  >
>;

const text = readFileSync(`${process.cwd()}/test/fixtures/measured/kernel/e1_copies.csv`, 'utf8');
const rows = parse<Row>(text, {columns: true});

const unknownIp = 0x0a0000fe;

/** What the first VM sent, in the words of the rows. */
const frames: Readonly<Record<string, Frame>> = {
  'ARP request, IP known to l2pop': arpFrom(1, broadcastMac, {targetIp: ipOf(2)}),
  'ARP request, IP unknown': arpFrom(1, broadcastMac, {targetIp: unknownIp}),
  'unicast ARP request (reprobe) to M2': arpFrom(1, macOf(2), {targetIp: ipOf(2)}),
  'GARP request (bcast)': announcementFrom(1),
  'GARP reply (bcast)': arpFrom(1, broadcastMac, {operation: 'reply', targetMac: broadcastMac}),
  'GARP request for an IP not in neigh table': arpFrom(1, broadcastMac, {senderIp: unknownIp, targetIp: unknownIp}),
  'unicast ARP reply to M2': arpFrom(1, macOf(2), {operation: 'reply', targetMac: macOf(2), targetIp: ipOf(2)}),
  'IPv4 broadcast (DHCP like)': packetFrom(1, broadcastMac),
  'IPv4 multicast 224.0.0.18 (VRRP)': packetFrom(1, multicastMac(0xe0000012)),
  'unknown unicast': packetFrom(1, 0xfa163eeeeeee),
  'unicast to M2 (known in l2pop, unlearned otherwise)': packetFrom(1, macOf(2)),
};

test('every frame of the rows is one that we send, in four modes among 2 to 16 endpoints', t => {
  t.deepEqual(new Set(rows.map(({frame}) => frame)), new Set(Object.keys(frames)));
  t.deepEqual(new Set(rows.map(({mode}) => mode)), new Set(['mcast', 'her', 'l2pop', 'l2pop+proxy']));
  t.deepEqual(new Set(rows.map(({vteps}) => vteps)), new Set(['2', '3', '4', '8', '16']));
  t.is(rows.length, 4 * 5 * 11 * 3);
});

for (const mode of ['mcast', 'her', 'l2pop', 'l2pop+proxy'] as const) {
  for (const [name, frame] of Object.entries(frames)) {
    test(`${mode}, ${name}: as many copies, arrivals, deliveries and replies as measured`, t => {
      for (const row of rows.filter(row => row.mode === mode && row.frame === name)) {
        const tally = new VxlanNetwork(mode, Number(row.vteps)).send(1, frame);
        t.is(tally.copies, Number(row.copies_leaving_source), `copies among ${row.vteps}`);
        t.is(tally.arrivals, Number(row.copies_arriving_at_other_vteps), `arrivals among ${row.vteps}`);
        t.is(tally.delivered.length, Number(row.delivered_to_vm_ports), `deliveries among ${row.vteps}`);
        t.is(tally.replies, Number(row.arp_replies_to_sender), `replies among ${row.vteps}`);
      }
    });
  }
}

// The table that sums the rows up, and its footnotes.

const all = 'N − 1';
const summary: readonly (readonly [what: string, frame: string, ...copies: (0 | 1 | typeof all)[]])[] = [
  ['an ARP request for a known address', 'ARP request, IP known to l2pop', 1, all, all, 0],
  ['an ARP request for an unknown one', 'ARP request, IP unknown', 1, all, all, 0],
  ['a unicast ARP re-probe to a remote VM', 'unicast ARP request (reprobe) to M2', 1, all, 1, 0],
  ['a GARP', 'GARP request (bcast)', 1, all, all, 0],
  ['a unicast ARP reply to a remote VM', 'unicast ARP reply to M2', 1, all, 1, 0],
  ['a DHCP broadcast', 'IPv4 broadcast (DHCP like)', 1, all, all, all],
  ['an advert to 224.0.0.18', 'IPv4 multicast 224.0.0.18 (VRRP)', 1, all, all, all],
  ['an unknown unicast', 'unknown unicast', 1, all, all, all],
];
const modes: readonly Mode[] = ['mcast', 'her', 'l2pop', 'l2pop+proxy'];

for (const [what, name, ...copies] of summary) {
  for (const [column, mode] of modes.entries()) {
    test(`${what} leaves the source ${copies[column]} times with ${mode}`, t => {
      for (const count of [2, 3, 5, 40]) {
        const expected = copies[column] === all ? count - 1 : copies[column];
        t.is(new VxlanNetwork(mode, count).send(1, frames[name]).copies, expected);
      }
    });
  }
}

for (const mode of ['mcast', 'her'] as const) {
  test(`${mode}: once a MAC is learnt, one copy goes to its endpoint, of unicast ARP too`, t => {
    for (const name of ['unicast ARP request (reprobe) to M2', 'unicast ARP reply to M2']) {
      const network = new VxlanNetwork(mode, 5);
      network.send(2, announcementFrom(2));
      const {copies, arrivals, delivered} = network.send(1, frames[name]);
      t.deepEqual([copies, arrivals, delivered], [1, 1, ['vm2']], name);
    }
  });
}

test('l2-pop: after the GARP of a moved MAC traffic reaches neither endpoint, until the FDB is rewritten', t => {
  const network = new VxlanNetwork('l2pop', 4);
  t.deepEqual(network.send(1, packetFrom(1, macOf(2))).delivered, ['vm2']);
  // The VM of host 2 now runs on host 3.
  t.deepEqual(network.send(3, announcementFrom(2)).delivered, ['vm2', 'vm4', 'vm1']);
  const lost = network.send(1, packetFrom(1, macOf(2)));
  t.deepEqual([lost.copies, lost.arrivals, lost.delivered], [1, 1, []]);
  network.hosts.get(1)!.device.replace(macOf(2), 3);
  t.deepEqual(network.send(1, packetFrom(1, macOf(2))).delivered, ['vm3']);
});

test('l2-pop with learning: the GARP of a moved MAC is not taken where it is listed, and traffic is lost as before', t => {
  const network = new VxlanNetwork('l2pop', 4, true);
  const garp = network.send(3, announcementFrom(2));
  t.deepEqual([garp.arrivals, garp.delivered], [3, ['vm2']]);
  const lost = network.send(1, packetFrom(1, macOf(2)));
  t.deepEqual([lost.copies, lost.arrivals, lost.delivered], [1, 1, []]);
});

test('head-end replication: a MAC moves with its first frame from elsewhere', t => {
  const network = new VxlanNetwork('her', 4);
  network.send(2, announcementFrom(2));
  t.deepEqual(network.send(1, packetFrom(1, macOf(2))).delivered, ['vm2']);
  network.send(3, announcementFrom(2));
  t.deepEqual(network.send(1, packetFrom(1, macOf(2))).delivered, ['vm3']);
});
