import {milliseconds, seconds} from '../../../engine/time.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {readMeasured, type MeasuredRow} from './measured.ts';

const peer = '10.0.0.2';

/** What becomes of packets that wait for a MAC. */
export function waitingPackets(seeds: number): Table {
  const rows = readMeasured('a2_unres_queue');
  return {
    title: 'Packets that wait for a MAC',
    notes: [
      'Delivered when the peer answers at last: how many, first and last of those that were sent, all between them in order.',
    ],
    head: ['who', 'sockets', 'payload', '`unres_qlen_bytes`', 'sent', ...exactHead],
    rows: rows.map(row => {
      const {mode, sockets, payload, unres_qlen_bytes: bytes, attempted} = row;
      const outcome = (count: string, first: string, last: string, inOrder: boolean): string =>
        `${count}: ${first}–${last}${inOrder ? '' : ', not in order'}`;
      const emulated = eachSeed(Math.min(seeds, 3), lan => {
        const arrived = overfill(lan, row);
        const inOrder = arrived.every((number, index) => number === arrived[0] + index);
        return [outcome(`${arrived.length}`, `${arrived[0]}`, `${arrived.at(-1)}`, inOrder)];
      });
      return exactRow(
        [mode === 'fwd' ? 'forwarded' : 'local', sockets, payload, bytes, attempted],
        1,
        outcome(row['delivered'], row['first_seq'], row['last_seq'], row['contiguous_in_order'] === 'True'),
        emulated,
      );
    }),
  };
}

/** Sends more than the queue holds and lets the peer come up then. Says which packets arrive. */
function overfill(lan: Lan, {mode, sockets, payload, unres_qlen_bytes: bytes, attempted}: MeasuredRow) {
  const last = lan.namespace('a', {unresQlenBytes: Number(bytes)});
  lan.link(last, 'eth0', '10.0.0.1/24');
  let from = last;
  if (mode === 'fwd') {
    lan.link(last, 'eth1', '10.0.1.1/24', lan.bridge('br1'));
    from = lan.host('c', '10.0.1.2/24', {}, lan.bridge('br1')).namespace;
    from.addRoute({prefix: {address: 0, length: 0}, device: 'eth0', via: ip('10.0.1.1'), source: undefined});
    lan.udp(from, '10.0.1.1');
    lan.pass(milliseconds(10));
    lan.arrivals.length = 0;
  }
  const numbers = Array.from({length: Number(attempted)}, (_, index) =>
    lan.udp(from, peer, {size: Number(payload), sourcePort: 40_000 + (index % Number(sockets))}),
  );
  lan.host('b', `${peer}/24`);
  lan.pass(seconds(3));
  return lan.arrivals.map(number => number - numbers[0]);
}
