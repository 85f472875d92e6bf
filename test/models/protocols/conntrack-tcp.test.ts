import test from 'ava';
import {isClosing, isOver, tcpStep, type TcpFlags, type TcpState} from '../../../models/protocols/conntrack-tcp.ts';
import type {Direction} from '../../../models/protocols/conntrack-tuple.ts';

type Step = readonly [Direction, TcpFlags];

/** The states a connection goes through; it stays where it is for what is ignored or invalid. */
function story(...steps: readonly Step[]): readonly string[] {
  let state: TcpState = 'none';
  return steps.map(([direction, flags]) => {
    const next = tcpStep(state, direction, flags);
    if (next !== 'ignore' && next !== 'invalid') state = next;
    return next;
  });
}

test('a connection is opened and closed by the client', t => {
  const states = story(
    ['original', 'syn'],
    ['reply', 'syn-ack'],
    ['original', 'ack'],
    ['original', 'fin'],
    ['reply', 'ack'],
    ['reply', 'fin'],
    ['original', 'ack'],
  );
  t.deepEqual(states, ['syn-sent', 'syn-recv', 'established', 'fin-wait', 'close-wait', 'last-ack', 'time-wait']);
});

test('both open at once', t => {
  const states = story(
    ['original', 'syn'],
    ['reply', 'syn'],
    ['original', 'syn-ack'],
    ['reply', 'syn-ack'],
    ['original', 'ack'],
  );
  t.deepEqual(states, ['syn-sent', 'syn-sent2', 'syn-recv', 'ignore', 'established']);
});

test('a FIN from both sides, acknowledged once', t => {
  const open: readonly Step[] = [
    ['original', 'syn'],
    ['reply', 'syn-ack'],
    ['original', 'ack'],
  ];
  const states = story(...open, ['original', 'fin'], ['reply', 'fin'], ['original', 'ack']);
  t.deepEqual(states.slice(3), ['fin-wait', 'last-ack', 'time-wait']);
});

test('only a SYN or an ACK can be the first segment', t => {
  const first = (['syn', 'syn-ack', 'fin', 'ack', 'rst', 'none'] as const).map(flags =>
    tcpStep('none', 'original', flags),
  );
  t.deepEqual(first, ['syn-sent', 'invalid', 'invalid', 'established', 'invalid', 'invalid']);
});

test('a SYN within a connection is ignored from the client and invalid from the server', t => {
  for (const state of ['syn-recv', 'established', 'fin-wait', 'close-wait', 'last-ack'] as const) {
    t.is(tcpStep(state, 'original', 'syn'), 'ignore');
    t.is(tcpStep(state, 'reply', 'syn'), 'invalid');
  }
});

test('a reset closes in every state but the first', t => {
  for (const state of ['syn-sent', 'established', 'time-wait', 'close', 'syn-sent2'] as const) {
    t.is(tcpStep(state, 'original', 'rst'), 'close');
    t.is(tcpStep(state, 'reply', 'rst'), 'close');
  }
});

test('over are TIME_WAIT and CLOSE; a crowded host also drops what is closing', t => {
  const states = ['syn-sent', 'established', 'fin-wait', 'close-wait', 'last-ack', 'time-wait', 'close'] as const;
  t.deepEqual(states.filter(isOver), ['time-wait', 'close']);
  t.deepEqual(states.filter(isClosing), ['fin-wait', 'close-wait', 'last-ack', 'time-wait', 'close']);
});
