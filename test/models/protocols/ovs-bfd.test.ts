import test from 'ava';
import {milliseconds, never, seconds} from '../../../engine/time.ts';
import type {BfdControl, BfdDiagnostic, BfdState} from '../../../models/wire/bfd.ts';
import {BfdBench, ourDiscriminator, peerDiscriminator} from '../../support/bfd-bench.ts';

// RFC 5880, 6.8.6, from "If the received state is AdminDown" on: what the session is, what it hears, what it becomes.

type Row = readonly [is: 'down' | 'init' | 'up', hears: BfdState, becomes: 'down' | 'init' | 'up', says: BfdDiagnostic];

const signaled = 'neighbor-signaled-session-down';
const none = 'no-diagnostic';

const table: readonly Row[] = [
  ['down', 'admin-down', 'down', none],
  ['down', 'down', 'init', none],
  ['down', 'init', 'up', none],
  ['down', 'up', 'down', none],
  ['init', 'admin-down', 'down', signaled],
  ['init', 'down', 'init', none],
  ['init', 'init', 'up', none],
  ['init', 'up', 'up', none],
  ['up', 'admin-down', 'down', signaled],
  ['up', 'down', 'down', signaled],
  ['up', 'init', 'up', none],
  ['up', 'up', 'up', none],
];

/** A session in each state, with nothing kept of how it got there. */
const sessions = {
  down: () => new BfdBench().until(0).clear(),
  init: () => new BfdBench().until(0).hear({state: 'down'}).clear(),
  up: () => new BfdBench().until(0).hear({state: 'init'}).clear(),
};

for (const [is, hears, becomes, says] of table) {
  const outcome = is === becomes ? `stays ${becomes}` : `is ${becomes}`;
  test(`a session that is ${is} and hears ${hears} ${outcome}`, t => {
    const b = sessions[is]().pass(milliseconds(10)).hear({state: hears});
    t.is(b.session.state, becomes);
    t.is(b.session.diagnostic, says);
    t.is(b.session.forwarding, becomes === 'up');
    t.deepEqual(
      b.changes.filter(({from, to}) => from !== to),
      is === becomes ? [] : [{at: milliseconds(10), from: is, to: becomes}],
    );
  });
}

test('a session that is down has nothing to detect', t => {
  t.is(sessions.down().session.detectAt, never);
});

for (const is of ['init', 'up'] as const) {
  test(`a session that is ${is} goes down when its detection time has passed`, t => {
    const b = sessions[is]();
    const {detectAt} = b.session;
    t.is(detectAt, seconds(3));
    t.is(b.until(detectAt - milliseconds(1)).session.state, is);
    t.is(b.until(detectAt).session.state, 'down');
    t.is(b.session.diagnostic, 'control-detection-time-expired');
    t.deepEqual(b.changes, [{at: detectAt, from: is, to: 'down'}]);
  });
}

test('why it went down last is still said when it is up again', t => {
  const b = sessions.up().until(seconds(4)).hear({state: 'init'}).pass(seconds(1));
  t.is(b.last.state, 'up');
  t.is(b.last.diagnostic, 'control-detection-time-expired');
});

test('a session that has gone down knows nothing of its peer any more', t => {
  const b = sessions.up().hear({state: 'down', yourDiscriminator: ourDiscriminator}).clear().pass(seconds(2));
  t.is(b.last.yourDiscriminator, 0);
  t.is(b.session.sendInterval, seconds(1));
});

test('a peer that says down is answered with init at the next transmission, not at once', t => {
  const b = new BfdBench().until(milliseconds(400)).hear({state: 'down'}).until(seconds(1));
  t.deepEqual(b.lines, [
    '0.000 sends down 1000/1000 to nobody',
    '0.400 down → init',
    '1.000 sends init 1000/1000 to the peer',
  ]);
});

test('the owner is told when only the peer is different, and not when nothing is', t => {
  const b = sessions.up().hear({state: 'init'}).hear().hear().hear({state: 'init'});
  t.deepEqual(b.lines, ['0.000 up, the peer is different', '0.000 up, the peer is different']);
});

for (const diagnostic of ['path-down', 'concatenated-path-down', 'reverse-concatenated-path-down'] as const) {
  test(`a peer that is up and says ${diagnostic} is not forwarded to, and the owner is told`, t => {
    const b = sessions.up().hear().clear().hear({diagnostic});
    t.is(b.session.state, 'up');
    t.false(b.session.forwarding);
    t.deepEqual(b.lines, ['0.000 up, the peer is different']);
    t.true(b.hear().session.forwarding);
    t.is(b.lines.length, 2);
  });
}

test('a peer that says why its own session went down is forwarded to', t => {
  t.true(sessions.up().hear({diagnostic: 'control-detection-time-expired'}).session.forwarding);
});

// Wrong packets: RFC 5880, 6.8.6, and bfd_process_packet.

const wrong: Readonly<Record<string, Partial<BfdControl>>> = {
  'of another version': {version: 0},
  'with authentication': {authentication: true},
  'with a multiplier of zero': {detectMult: 0},
  'to many points': {multipoint: true},
  'from nobody': {myDiscriminator: 0},
  'for another session': {yourDiscriminator: ourDiscriminator + 1},
  'for nobody although init': {state: 'init', yourDiscriminator: 0},
  'for nobody although up': {yourDiscriminator: 0},
};

for (const [what, changes] of Object.entries(wrong)) {
  test(`a packet ${what} is ignored`, t => {
    for (const is of ['down', 'init', 'up'] as const) {
      const b = sessions[is]().pass(milliseconds(500));
      const {detectAt, sendAt} = b.session;
      b.hear({desiredMinTx: seconds(9), requiredMinRx: seconds(9), poll: true, ...changes});
      t.deepEqual([b.session.state, b.session.detectAt, b.session.sendAt], [is, detectAt, sendAt]);
      t.deepEqual(b.lines, []);
      b.pass(milliseconds(200));
      t.false(b.sent.some(({packet}) => packet.final));
    }
  });
}

test('a packet for nobody is good from a peer that is down or put down by its operator', t => {
  t.is(sessions.up().hear({state: 'down', yourDiscriminator: 0}).session.state, 'down');
  t.is(sessions.up().hear({state: 'admin-down', yourDiscriminator: 0}).session.state, 'down');
});

test('a peer that has started anew is answered under its new discriminator', t => {
  const b = sessions
    .down()
    .hear({state: 'down'})
    .hear({state: 'down', myDiscriminator: peerDiscriminator + 1});
  t.is(b.pass(seconds(1)).last.yourDiscriminator, peerDiscriminator + 1);
});
