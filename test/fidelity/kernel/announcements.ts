import {milliseconds, seconds, type Time} from '../../../engine/time.ts';
import type {NeighbourSettings} from '../../../models/protocols/neighbour-settings.ts';
import type {NeighbourState} from '../../../models/protocols/neighbour.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import {broadcastMac, type Mac} from '../../../models/wire/mac.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {eachSeed, ip, Lan, type Member} from './lan.ts';
import {readMeasured} from './measured.ts';
import {whenIn} from './search.ts';

const peer = '10.0.0.2';
const own = '10.0.0.1';
const otherMac: Mac = 0x02_00_00_00_00_0b;

type Form = {readonly arp: Partial<Arp>; readonly unicast?: boolean};

/** What the bench sent, under its own names. */
const forms: Readonly<Record<string, Form>> = {
  'GARP request (tha=0, bcast)': {arp: {}},
  'GARP request (tha=ff, bcast)': {arp: {targetMac: broadcastMac}},
  'GARP reply (tha=own mac, bcast)': {arp: {operation: 'reply', targetMac: otherMac}},
  'GARP reply (tha=ff, bcast)': {arp: {operation: 'reply', targetMac: broadcastMac}},
  'GARP reply (tha=0, bcast)': {arp: {operation: 'reply'}},
  'unsolicited reply to me (unicast)': {arp: {operation: 'reply', targetIp: ip(own)}, unicast: true},
  'broadcast request who-has ME': {arp: {targetIp: ip(own)}},
};

type Pair = {readonly lan: Lan; readonly mine: Member; readonly theirs: Member};

/** How an entry comes into a state, and how long it has been in it when the frame comes. */
const situations: Readonly<Record<string, (pair: Pair) => void>> = {
  'REACHABLE, lock': pair => {
    reachable(pair);
    pair.lan.pass(milliseconds(300));
  },
  'REACHABLE, later': pair => {
    reachable(pair);
    pair.lan.pass(seconds(2));
  },
  'STALE, lock': pair => {
    stale(pair);
    pair.lan.pass(milliseconds(300));
  },
  'STALE, later': pair => {
    stale(pair);
    pair.lan.pass(seconds(2));
  },
  'DELAY, lock': pair => {
    delayed(pair);
    pair.lan.pass(milliseconds(300));
  },
  'PROBE, lock': pair => {
    delayed(pair);
    unplug(pair);
    whenIn(pair.lan, 'probe', () => stateOf(pair), pair.mine.device);
    pair.lan.pass(milliseconds(300));
  },
  INCOMPLETE: pair => {
    unplug(pair);
    use(pair);
    pair.lan.pass(milliseconds(300));
  },
  FAILED: pair => {
    unplug(pair);
    use(pair);
    pair.lan.pass(seconds(4));
  },
  PERMANENT: ({mine, theirs}) => {
    mine.device.pin(ip(peer), theirs.device.mac);
  },
  absent: () => undefined,
};

const taken = 'taken, STALE';

/** Rows and columns as measured: the state in which the frame leaves the entry, in the order of the situations. */
const moves: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'GARP request (tha 0 or ff), broadcast',
    ['GARP request (tha=0, bcast)', 'GARP request (tha=ff, bcast)'],
    [taken, taken, taken, taken, taken, taken, 'taken, DELAY', taken, 'ignored', 'ignored'],
  ],
  [
    'GARP reply, tha = own MAC, broadcast',
    ['GARP reply (tha=own mac, bcast)'],
    [taken, taken, taken, taken, taken, taken, 'taken, DELAY', taken, 'ignored', 'ignored'],
  ],
  [
    'GARP reply, tha = ff or 0, broadcast',
    ['GARP reply (tha=ff, bcast)', 'GARP reply (tha=0, bcast)'],
    ['ignored', taken, 'ignored', taken, 'ignored', 'ignored', 'taken, DELAY', taken, 'ignored', 'ignored'],
  ],
  [
    'unsolicited unicast reply',
    ['unsolicited reply to me (unicast)'],
    [
      'ignored',
      'taken, REACHABLE',
      'ignored',
      'taken, REACHABLE',
      'ignored',
      'ignored',
      'taken, REACHABLE',
      'taken, REACHABLE',
      'ignored',
      'ignored',
    ],
  ],
  [
    'broadcast "who-has me" from the new MAC',
    ['broadcast request who-has ME'],
    [taken, taken, taken, taken, taken, taken, 'taken, DELAY', taken, 'ignored', 'created, STALE'],
  ],
];

/** What an entry makes of a frame from another MAC than the one it knows. */
export function movedNeighbours(seeds: number): Table {
  return {
    title: 'Gratuitous ARP: an existing entry, a new MAC',
    notes: ['*Lock*: within `locktime` of the last update, 0.3 s after it; *later*: 2 s after it.'],
    head: ['frame', 'state', ...exactHead],
    rows: moves.flatMap(([frame, names, cells]) =>
      Object.entries(situations).map(([state, prepare], column) => {
        const outcomes = names.flatMap(name =>
          eachSeed(Math.min(seeds, 5), lan => [hearing(pairOn(lan), prepare, forms[name])]),
        );
        return exactRow([frame, state], names.length, cells[column], outcomes);
      }),
    ),
  };
}

/** Who gets an entry that nobody asked about. */
export function acceptedNeighbours(seeds: number): Table {
  return {
    title: 'Gratuitous ARP: no entry, by `arp_accept`',
    notes: [],
    head: ['`arp_accept`', 'frame', ...exactHead],
    rows: readMeasured('b2_arp_accept').map(({arp_accept: accept, form, created, state}) => {
      const sysctls = {arpAccept: Number(accept) as NeighbourSettings['arpAccept']};
      const emulated = eachSeed(Math.min(seeds, 5), lan => [
        hearing(pairOn(lan, sysctls), () => undefined, forms[form]),
      ]);
      const measured = created === 'True' ? `created, ${state}` : 'ignored';
      return exactRow([accept, plain(form)], 1, measured, emulated);
    }),
  };
}

/** Whether hearing the known MAC again makes it good for longer. */
export function sameMacAgain(seeds: number): Table {
  const rows = readMeasured('b4_same_mac_refresh');
  const left = (form: string): number => Number(rows.find(row => row['form'] === form)?.['left_reachable_after_s']);
  return {
    title: 'Gratuitous ARP: the same MAC again, in REACHABLE',
    notes: ['Whether the entry stays REACHABLE for longer than one that hears nothing.'],
    head: ['frame', ...exactHead],
    rows: Object.entries(forms).map(([name, form]) => {
      const emulated = eachSeed(Math.min(seeds, 5), ({seed}) => {
        const without = leavesReachable(pairOn(new Lan(seed)), undefined);
        const after = leavesReachable(pairOn(new Lan(seed)), form);
        return [after - without > seconds(1) ? 'longer' : 'no longer'];
      });
      return exactRow([plain(name)], 1, left(name) - left('none') > 0.5 ? 'longer' : 'no longer', emulated);
    }),
  };
}

/** A stream whose peer moves and says so. */
export function switchedStream(seeds: number): Table {
  const runs = eachSeed(seeds, lan => [switchOver(lan)]);
  return {
    title: 'Gratuitous ARP: a stream is switched over, and what takes entries away',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(
        ['frames to the old MAC afterwards'],
        1,
        '0',
        runs.map(({toOld}) => `${toOld}`),
      ),
      exactRow(
        ['state with the next packet'],
        1,
        'DELAY',
        runs.map(({state}) => state),
      ),
      exactRow(
        ['what checks the new MAC, after DELAY'],
        1,
        'a unicast probe, 5 s later',
        runs.map(({probe}) => probe),
      ),
      exactRow(
        ['carrier lost, `arp_evict_nocarrier` 1: entries of the interface'],
        1,
        'gone at once',
        eachSeed(Math.min(seeds, 5), lan => [withoutCarrier(pairOn(lan))]),
      ),
    ],
  };
}

function pairOn(lan: Lan, sysctls: Partial<NeighbourSettings> = {}): Pair {
  return {lan, mine: lan.host('mine', `${own}/24`, sysctls), theirs: lan.host('theirs', `${peer}/24`)};
}

function use({lan, mine}: Pair): void {
  lan.udp(mine.namespace, peer);
}

function unplug({lan, theirs}: Pair): void {
  lan.unlink(theirs.namespace, 'eth0');
}

function stateOf({mine}: Pair): NeighbourState {
  return mine.device.neighbour(ip(peer))?.state ?? 'none';
}

function reachable(pair: Pair): void {
  use(pair);
  pair.lan.pass(milliseconds(1));
}

function stale(pair: Pair): void {
  reachable(pair);
  whenIn(pair.lan, 'stale', () => stateOf(pair), pair.mine.device);
}

function delayed(pair: Pair): void {
  stale(pair);
  pair.lan.pass(seconds(2));
  use(pair);
}

function say({lan, mine}: Pair, {arp, unicast = false}: Form, senderMac = otherMac): void {
  const payload: Arp = {
    ...{kind: 'arp', operation: 'request', senderMac, senderIp: ip(peer), targetMac: 0, targetIp: ip(peer)},
    ...arp,
  };
  const destination = unicast ? mine.device.mac : broadcastMac;
  lan.inject({source: senderMac, destination, vlan: undefined, payload});
  lan.pass(milliseconds(1));
}

/** What the entry is like after a frame from the other MAC. */
function hearing(pair: Pair, prepare: (pair: Pair) => void, form: Form): string {
  prepare(pair);
  const before = stateOf(pair);
  say(pair, form);
  const after = pair.mine.device.neighbour(ip(peer));
  if (!after || after.mac !== otherMac) return after?.state === before || before === 'none' ? 'ignored' : 'lost';
  return `${before === 'none' ? 'created' : 'taken'}, ${after.state.toUpperCase()}`;
}

/** When the entry leaves REACHABLE that hears its own MAC again after a while. */
function leavesReachable(pair: Pair, form: Form | undefined): Time {
  const {lan, mine, theirs} = pair;
  reachable(pair);
  lan.pass(seconds(10));
  const {mac} = theirs.device;
  if (form) say(pair, form.arp.targetMac === otherMac ? {...form, arp: {...form.arp, targetMac: mac}} : form, mac);
  return whenIn(lan, 'stale', () => stateOf(pair), mine.device);
}

function switchOver(lan: Lan) {
  const pair = pairOn(lan);
  const stream = (span: Time): void => {
    for (const until = lan.now + span; lan.now < until; lan.pass(milliseconds(10))) use(pair);
  };
  stream(seconds(3));
  const {mac} = pair.theirs.device;
  unplug(pair);
  // Another host has the address now, and says so.
  const {device} = lan.host('new', `${peer}/24`);
  const announcedAt = lan.now;
  const sentBefore = lan.wire.length;
  device.announce();
  lan.pass(milliseconds(1));
  use(pair);
  const state = stateOf(pair).toUpperCase();
  stream(seconds(7));
  const sent = lan.wire.slice(sentBefore);
  const probe = sent.find(({from, frame}) => from === 'mine eth0' && frame.payload.kind === 'arp');
  const isDelayed = probe && probe.at - announcedAt >= seconds(5) && probe.at - announcedAt < seconds(5.3);
  return {
    toOld: sent.filter(({frame}) => frame.destination === mac).length,
    state,
    probe: isDelayed && probe.frame.destination === device.mac ? 'a unicast probe, 5 s later' : 'none such',
  };
}

function withoutCarrier(pair: Pair): string {
  reachable(pair);
  pair.mine.device.carrierLost();
  return stateOf(pair) === 'none' ? 'gone at once' : 'still there';
}

/** The bench's name of a form in Markdown. */
function plain(form: string): string {
  return form.replace('bcast', 'broadcast');
}
