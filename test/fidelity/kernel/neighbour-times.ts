import {milliseconds, seconds, toMilliseconds, type Time} from '../../../engine/time.ts';
import type {NeighbourState} from '../../../models/protocols/neighbour.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import {spreadHead, spreadRow, type Row, type Table} from '../part.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {grouped, readMeasured, spreadOf, type MeasuredRow} from './measured.ts';
import {searchInVain, whenIn} from './search.ts';

/** The bench was told of changes within about a jiffy, in ms. */
const resolution = {grain: 5};

const peer = '10.0.0.2';

/** How long entries of a neighbour table are in their states, in ms. */
export function neighbourTimes(seeds: number): Table {
  const unresolved = eachSeed(seeds, lan => [searchInVain(lan)]);
  const measured = readMeasured('a1_unresolved');
  const request = (row: MeasuredRow, number: number): number => 1000 * Number(row['req_times'].split(' ')[number]);
  const idle = eachSeed(seeds, idleLifetimes);
  const idleMeasured = grouped(readMeasured('a3_reachable_idle'), row => row['iface']);
  const lifetimes = [...idleMeasured.values()].map(rows => rows.map(row => 1000 * Number(row['reachable_s'])));
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  const traffic = readMeasured('a3_reachable_traffic');
  const stays = eachSeed(seeds, lan => staysUnderTraffic(lan, seconds(0.5), seconds(120)));
  const stay = (state: string): Row => {
    const rows = traffic.filter(row => row['state'] === state.toUpperCase() && row['next'] !== '');
    const values = rows.map(row => 1000 * Number(row['dur_s']));
    const here = stays.filter(({state: was}) => was === state).map(({lasted}) => lasted);
    return spreadRow(
      [`${state.toUpperCase()} under one-way UDP, a packet each 0.5 s`],
      spreadOf(values),
      here,
      resolution,
    );
  };
  return {
    title: 'Neighbour entries: times in ms',
    notes: ['Namespaces on one bridge, each run from another moment of the kernel clock.'],
    head: ['what', ...spreadHead],
    rows: [
      spreadRow(
        ['first packet → FAILED'],
        spreadOf(measured.map(row => 1000 * Number(row['t_failed']))),
        unresolved.map(({failedAfter}) => failedAfter),
        resolution,
      ),
      spreadRow(
        ['first packet → error at the socket'],
        spreadOf(measured.map(row => 1000 * Number(row['t_sock_error']))),
        unresolved.map(({errorAfter}) => errorAfter),
        resolution,
      ),
      ...[1, 2].map(number =>
        spreadRow(
          [`first packet → request ${number + 1} of the cycle`],
          spreadOf(measured.map(row => request(row, number))),
          unresolved.map(({requests}) => requests[number]),
          resolution,
        ),
      ),
      spreadRow(['REACHABLE lifetime of an idle entry'], spreadOf(lifetimes.flat()), idle.flat(), resolution),
      spreadRow(
        ['spread of that among three entries of an interface, resolved 0.54 s apart'],
        spreadOf(lifetimes.map(spread)),
        idle.map(spread),
        // The three were not exactly 0.54 s apart.
        {grain: 40},
      ),
      stay('reachable'),
      stay('stale'),
      stay('delay'),
      spreadRow(
        ['PROBE → FAILED: the peer is gone'],
        {n: 46, min: 3059, median: 3071, max: 3087},
        eachSeed(seeds, lan => [probeInVain(lan)]),
        resolution,
      ),
      spreadRow(
        ['unicast re-probe interval under one-way UDP'],
        spreadOf(readMeasured('a3_reprobe_interval').map(row => 1000 * Number(row['interval_s']))),
        eachSeed(seeds, reprobeIntervals),
        resolution,
      ),
    ],
  };
}

/** How long three entries of an interface stay reachable that nobody uses. */
function idleLifetimes(lan: Lan): readonly (readonly number[])[] {
  const {namespace, device} = lan.host('a', '10.0.0.1/24');
  const peers = ['10.0.0.4', '10.0.0.3', '10.0.0.2'];
  for (const [index, address] of peers.entries()) lan.host(`b${index}`, `${address}/24`);
  const resolved = peers.map(address => {
    lan.udp(namespace, address);
    const at = lan.now;
    lan.pass(seconds(0.54));
    return at;
  });
  const left = new Map<string, Time>();
  while (left.size < peers.length) {
    lan.until(device.wakeAt + 1);
    for (const address of peers) {
      if (!left.has(address) && device.neighbour(ip(address))?.state === 'stale') left.set(address, lan.now);
    }
  }
  return [peers.map((address, index) => toMilliseconds(left.get(address)! - resolved[index]))];
}

type Stay = {readonly state: NeighbourState; readonly lasted: number};

/** The states of an entry one after the other, while a packet is sent to it at each interval. The first is left out. */
function staysUnderTraffic(lan: Lan, interval: Time, span: Time): readonly Stay[] {
  const {namespace, device} = lan.host('a', '10.0.0.1/24');
  lan.host('b', `${peer}/24`);
  const stays: Stay[] = [];
  let [state, since, sendAt]: [NeighbourState, Time, Time] = ['none', 0, Math.floor(lan.luck() * interval)];
  const note = (): void => {
    const now = device.neighbour(ip(peer))?.state ?? 'none';
    if (now === state) return;
    stays.push({state, lasted: toMilliseconds(lan.now - since)});
    [state, since] = [now, lan.now];
  };
  while (lan.now < span) {
    const next = Math.min(sendAt, device.wakeAt + 1);
    lan.until(Math.max(next, lan.now + 1));
    note();
    if (lan.now < sendAt) continue;
    lan.udp(namespace, peer);
    sendAt += interval;
    note();
  }
  return stays.slice(stays.findIndex(stay => stay.state === 'reachable'));
}

/** How long an entry that packets use is probed before it fails, when the peer has gone. */
function probeInVain(lan: Lan): number {
  const {namespace, device} = lan.host('a', '10.0.0.1/24');
  const {namespace: other} = lan.host('b', `${peer}/24`);
  lan.udp(namespace, peer);
  whenIn(lan, 'stale', () => device.neighbour(ip(peer))?.state, device);
  lan.unlink(other, 'eth0');
  lan.pass(Math.floor(lan.luck() * seconds(1)));
  lan.udp(namespace, peer);
  const probedAt = whenIn(lan, 'probe', () => device.neighbour(ip(peer))?.state, device);
  return toMilliseconds(whenIn(lan, 'failed', () => device.neighbour(ip(peer))?.state, device) - probedAt);
}

function reprobeIntervals(lan: Lan): readonly number[] {
  const {namespace} = lan.host('a', '10.0.0.1/24');
  lan.host('b', `${peer}/24`);
  for (let at = 0; at < seconds(160); at += milliseconds(100)) {
    lan.until(at);
    lan.udp(namespace, peer);
  }
  const probes = lan.requests('a eth0').filter(({frame}) => frame.destination !== broadcastMac);
  return probes.slice(1).map(({at}, index) => toMilliseconds(at - probes[index].at));
}
