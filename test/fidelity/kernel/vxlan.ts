import {broadcastMac, multicastMac} from '../../../models/wire/mac.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {ip} from './lan.ts';
import {grouped, readMeasured} from './measured.ts';
import {announcementFrom, arpFrom, ipOf, macOf, Overlay, packetFrom, type Mode, type Tally} from './overlays.ts';

const unknownIp = ip('10.0.0.254');

/** What the first VM sent, in the words of the rows. */
export const frames: Readonly<Record<string, Frame>> = {
  'ARP request, IP known to l2pop': arpFrom(1, broadcastMac, {targetIp: ipOf(2)}),
  'ARP request, IP unknown': arpFrom(1, broadcastMac, {targetIp: unknownIp}),
  'unicast ARP request (reprobe) to M2': arpFrom(1, macOf(2), {targetIp: ipOf(2)}),
  'GARP request (bcast)': announcementFrom(1),
  'GARP reply (bcast)': arpFrom(1, broadcastMac, {operation: 'reply', targetMac: broadcastMac, targetIp: ipOf(1)}),
  'GARP request for an IP not in neigh table': arpFrom(1, broadcastMac, {senderIp: unknownIp, targetIp: unknownIp}),
  'unicast ARP reply to M2': arpFrom(1, macOf(2), {operation: 'reply', targetMac: macOf(2), targetIp: ipOf(2)}),
  'IPv4 broadcast (DHCP like)': packetFrom(1, broadcastMac),
  'IPv4 multicast 224.0.0.18 (VRRP)': packetFrom(1, multicastMac(ip('224.0.0.18'))),
  'unknown unicast': packetFrom(1, 0xfa_16_3e_ee_ee_ee),
  'unicast to M2 (known in l2pop, unlearned otherwise)': packetFrom(1, macOf(2)),
};

const modes: Readonly<Record<Mode, string>> = {
  mcast: 'multicast',
  her: 'head-end',
  l2pop: 'l2-pop',
  'l2pop+proxy': 'l2-pop and proxy',
};

/** Copies of one frame of a VM. */
export function vxlanCopies(): Table {
  const rows = grouped(readMeasured('e1_copies'), ({mode, frame}) => `${mode}, ${frame}`);
  return {
    title: 'VXLAN: copies of a frame',
    notes: [
      'Among 2, 3, 4, 8 and 16 endpoints: *copies that leave the source* / *copies that arrive at others* / *VMs that get the frame* / *answers to the sender*.',
    ],
    head: ['flooding by', 'frame', ...exactHead],
    rows: [...rows.values()].map(among => {
      const [{mode, frame}] = among;
      const sizes = [...grouped(among, ({vteps}) => vteps)];
      const measured = sizes.map(([, of]) =>
        one(
          of.map(row =>
            [
              row.copies_leaving_source,
              row.copies_arriving_at_other_vteps,
              row.delivered_to_vm_ports,
              row.arp_replies_to_sender,
            ].join('/'),
          ),
        ),
      );
      const emulated = sizes.map(([count]) =>
        tallyText(new Overlay(1, mode as Mode, Number(count)).send(1, frames[frame])),
      );
      return exactRow([modes[mode as Mode], frame.replace('bcast', 'broadcast')], among.length, measured.join(' '), [
        emulated.join(' '),
      ]);
    }),
  };
}

/** What listed entries do to a MAC that moves. */
export function vxlanMoves(): Table {
  const runs = [false, true].map(learning => movedUnderL2pop(learning));
  return {
    title: 'VXLAN: a VM moves to another host and says so, with a static (l2-pop) FDB',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(
        ['traffic to it afterwards reaches'],
        1,
        'neither endpoint',
        runs.map(({before}) => before),
      ),
      exactRow(
        ['once the agent has rewritten the FDB'],
        1,
        'the new one',
        runs.map(({afterwards}) => afterwards),
      ),
    ],
  };
}

/** The VM of host 2 now runs on host 3. */
function movedUnderL2pop(learning: boolean) {
  const overlay = new Overlay(1, 'l2pop', 4, learning);
  const reached = (): string => {
    const {delivered} = overlay.send(1, packetFrom(1, macOf(2)));
    if (delivered.length === 0) return 'neither endpoint';
    return delivered.join() === '3' ? 'the new one' : `the VM of ${delivered.join(' and ')}`;
  };
  overlay.send(3, announcementFrom(2));
  const before = reached();
  for (const host of [1, 4]) overlay.relist(host, macOf(2), 3);
  return {before, afterwards: reached()};
}

function tallyText({copies, arrivals, delivered, replies}: Tally): string {
  return [copies, arrivals, delivered.length, replies].join('/');
}

/** What all of several repetitions came to. */
function one(values: readonly string[]): string {
  return [...new Set(values)].join(' or ');
}
