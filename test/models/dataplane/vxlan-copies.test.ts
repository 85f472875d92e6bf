import test from 'ava';
import {
  announcementFrom,
  arpFrom,
  ipOf,
  macOf,
  Overlay,
  packetFrom,
  type Mode,
} from '../../fidelity/kernel/overlays.ts';
import {frames} from '../../fidelity/kernel/vxlan.ts';

// What was measured among 2 to 16 endpoints is in test/fidelity/kernel; here the table that sums it up, and its footnotes.

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
  test(`${what} leaves the source ${copies.join(', ')} times with ${modes.join(', ')}`, t => {
    for (const [column, mode] of modes.entries()) {
      const expected = copies[column] === all ? 39 : copies[column];
      t.is(new Overlay(1, mode, 40).send(1, frames[name]).copies, expected, mode);
    }
  });
}

for (const mode of ['mcast', 'her'] as const) {
  test(`${mode}: once a MAC is learnt, one copy goes to its endpoint, of unicast ARP too`, t => {
    for (const name of ['unicast ARP request (reprobe) to M2', 'unicast ARP reply to M2']) {
      const overlay = new Overlay(1, mode, 5);
      overlay.send(2, announcementFrom(2));
      const {copies, arrivals, delivered} = overlay.send(1, frames[name]);
      t.deepEqual([copies, arrivals, delivered], [1, 1, [2]], name);
    }
  });
}

test('l2-pop with learning: the GARP of a moved MAC is not taken where it is listed', t => {
  const {arrivals, delivered} = new Overlay(1, 'l2pop', 4, true).send(3, announcementFrom(2));
  t.deepEqual([arrivals, delivered], [3, [2]]);
});

test('head-end replication: a MAC moves with its first frame from elsewhere', t => {
  const overlay = new Overlay(1, 'her', 4);
  overlay.send(2, announcementFrom(2));
  t.deepEqual(overlay.send(1, packetFrom(1, macOf(2))).delivered, [2]);
  overlay.send(3, announcementFrom(2));
  t.deepEqual(overlay.send(1, packetFrom(1, macOf(2))).delivered, [3]);
});

test('the responder answers in the name of a VM elsewhere, and not of the one beside it', t => {
  const overlay = new Overlay(1, 'l2pop+proxy', 3);
  t.is(overlay.send(1, arpFrom(1, 0xff_ff_ff_ff_ff_ff, {targetIp: ipOf(3)})).replies, 1);
  t.is(overlay.send(1, arpFrom(1, 0xff_ff_ff_ff_ff_ff, {targetIp: ipOf(1)})).replies, 0);
});
