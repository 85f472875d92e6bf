import test from 'ava';
import {Engine} from '../../engine/engine.ts';
import {never, type Time} from '../../engine/time.ts';
import {Writer} from './writer.ts';

test('actors are numbered from 0 in the order in which they are added', t => {
  const engine = new Engine();
  t.deepEqual([engine.add(new Writer('a', [])), engine.add(new Writer('b', []))], [0, 1]);
});

test('at one instant receivers go by number, and an alarm comes before what is heard', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const a = engine.add(new Writer('a', lines, {wakeAt: 10}));
  const b = engine.add(new Writer('b', lines, {wakeAt: 10}));
  engine.post(10, b, a, 0, 'from a');
  engine.post(10, a, b, 0, 'first from b');
  engine.post(10, a, b, 1, 'second from b');
  engine.post(10, a, a, 2, 'from itself');
  engine.advance(11);
  t.deepEqual(lines, [
    '10 a wakes',
    '10 a hears from itself',
    '10 a hears first from b',
    '10 a hears second from b',
    '10 b wakes',
    '10 b hears from a',
  ]);
});

test('what is asked for at an instant for that instant comes after what has happened, lower numbers first', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const low = engine.add(new Writer('low', lines));
  const tell = (now: Time): void => {
    engine.post(now, high, middle, 1, 'more');
    engine.post(now, low, middle, 0, 'news');
  };
  const middle = engine.add(new Writer('middle', lines, {wakeAt: 5, onWake: tell}));
  const high = engine.add(new Writer('high', lines, {wakeAt: 5}));
  engine.advance(6);
  t.deepEqual(lines, ['5 middle wakes', '5 low hears news', '5 high wakes', '5 high hears more']);
});

test('advance runs what comes before its end and stands there', t => {
  const engine = new Engine();
  const lines: string[] = [];
  engine.add(new Writer('a', lines, {wakeAt: 10}));
  engine.advance(10);
  t.is(engine.now, 10);
  t.deepEqual(lines, []);
  engine.advance(11);
  t.deepEqual(lines, ['10 a wakes']);
});

test('advance stops when its budget is spent, within an instant too, and goes on as if it had not', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const later = (now: Time): void => {
    engine.post(now, 0, 1, 0, 'this');
  };
  engine.add(new Writer('a', lines, {wakeAt: 10}));
  engine.add(new Writer('b', lines, {wakeAt: 10, onWake: later}));
  t.false(engine.advance(20, 2));
  t.is(engine.now, 10);
  t.deepEqual(lines, ['10 a wakes', '10 b wakes']);
  t.true(engine.advance(10, 5), 'nothing is left before 10');
  t.true(engine.reached({at: 10, receiver: 1, sender: -1, number: 0}), 'and what happened at 10 has happened');
  t.true(engine.advance(20, 1));
  t.is(engine.now, 20);
  t.is(lines[2], '10 a hears this');
});

test('advance goes neither back nor on for ever', t => {
  const engine = new Engine();
  engine.advance(10);
  engine.advance(10);
  for (const until of [9, never, NaN, 10.5]) t.throws(() => engine.advance(until), {message: /cannot advance/});
});

test('an alarm rings when the actor wished, though it wished for something later meanwhile', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const actor = new Writer('a', lines, {wakeAt: 10});
  engine.add(actor);
  actor.wakeAt = 30;
  engine.advance(30);
  t.deepEqual(lines, []);
  engine.advance(31);
  t.deepEqual(lines, ['30 a wakes']);
});

test('an earlier wish is heeded after rearm, and the alarm left over from the later one does nothing', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const actor = new Writer('a', lines, {wakeAt: 50});
  const number = engine.add(actor);
  actor.wakeAt = 20;
  engine.rearm(number);
  actor.wakeAt = 10;
  engine.rearm(number);
  engine.rearm(number);
  engine.advance(100);
  t.deepEqual(lines, ['10 a wakes']);
});

test('a wish for a moment at which a left-over alarm rings too wakes once', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const actor = new Writer('a', lines, {wakeAt: 50, onWake: now => (actor.wakeAt = now < 50 ? 50 : never)});
  const number = engine.add(actor);
  actor.wakeAt = 20;
  engine.rearm(number);
  engine.advance(100);
  t.deepEqual(lines, ['20 a wakes', '50 a wakes']);
});

test('a left-over alarm does not make up for a rearm that was forgotten', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const actor = new Writer('a', lines, {wakeAt: 50, onWake: now => (actor.wakeAt = now + 100)});
  const number = engine.add(actor);
  actor.wakeAt = 20;
  engine.rearm(number);
  engine.advance(30);
  actor.wakeAt = 40;
  engine.advance(60);
  t.deepEqual(lines, ['20 a wakes']);
});

test('a wish that lies in the past is for now', t => {
  const engine = new Engine();
  const lines: string[] = [];
  engine.advance(100);
  engine.add(new Writer('late', lines, {wakeAt: 20}));
  const waiting = new Writer('waiting', lines);
  const number = engine.add(waiting);
  waiting.wakeAt = 0;
  engine.rearm(number);
  engine.rearm(number);
  engine.advance(101);
  t.deepEqual(lines, ['100 late wakes', '100 waiting wakes']);
});

test('an actor that hears something may wish to be woken at the same instant', t => {
  const engine = new Engine();
  const lines: string[] = [];
  const actor: Writer = new Writer('a', lines, {onHear: (_, now) => (actor.wakeAt = now)});
  const number = engine.add(actor);
  engine.post(7, number, number, 0, 'one');
  engine.post(7, number, number, 1, 'two');
  engine.advance(8);
  t.deepEqual(lines, ['7 a hears one', '7 a wakes', '7 a hears two', '7 a wakes']);
});

test('an actor that is not content with being woken is found out', t => {
  const engine = new Engine();
  const actor: Writer = new Writer('a', [], {wakeAt: 5, onWake: now => (actor.wakeAt = now)});
  engine.add(actor);
  t.throws(() => engine.advance(6), {message: /actor 0 asks to be woken at 5 over and over/});
});

test('what cannot be sent is refused', t => {
  const engine = new Engine();
  const number = engine.add(new Writer('a', []));
  engine.advance(10);
  t.throws(() => engine.post(9, number, number, 0, ''), {message: /was sent at 10/});
  t.throws(() => engine.post(10.5, number, number, 0, ''), {message: /whole microsecond/});
  t.throws(() => engine.post(never, number, number, 0, ''), {message: /whole microsecond/});
  t.throws(() => engine.post(10, number, -1, 0, ''), {message: /no sender -1/});
});

test('a message to an actor that cannot hear is found out', t => {
  const engine = new Engine();
  engine.add({wakeAt: never, wake: () => undefined});
  engine.post(1, 0, 0, 0, 'hello');
  t.throws(() => engine.advance(2), {message: /actor 0 cannot hear/});
});

test('a sender that numbers two messages alike is found out, for nothing would decide their order', t => {
  const engine = new Engine();
  engine.add(new Writer('a', []));
  engine.post(1, 0, 3, 7, 'hello');
  engine.post(1, 0, 3, 7, 'and again');
  t.throws(() => engine.advance(2), {message: /sender 3 numbered two messages 7 to 0 at 1/});
});

test('the cause under which something is posted is the cause under which it is heard', t => {
  const engine = new Engine();
  const causes: number[] = [];
  const note = (): void => void causes.push(engine.cause);
  const forward = (message: unknown): void => {
    note();
    if (message === 'pass on') engine.post(20, 0, 0, 1, 'end');
    if (message === 'because of 9') engine.post(30, 0, 0, 2, 'end', 9);
  };
  engine.add(new Writer('a', [], {wakeAt: 25, onWake: note, onHear: forward}));
  engine.cause = 4;
  engine.post(10, 0, 0, 0, 'pass on');
  engine.cause = 5;
  engine.post(15, 0, 0, 3, 'because of 9');
  engine.cause = 0;
  engine.advance(100);
  t.deepEqual(causes, [4, 5, 4, 0, 9]);
  t.is(engine.cause, 0);
});

test('a cause that is set while an actor acts ends with that act', t => {
  const engine = new Engine();
  const causes: number[] = [];
  const act = (): void => {
    causes.push(engine.cause);
    engine.cause = 3;
  };
  engine.add(new Writer('a', [], {wakeAt: 1, onWake: act, onHear: act}));
  engine.add(new Writer('b', [], {wakeAt: 1, onWake: act}));
  engine.post(1, 0, 0, 0, '');
  engine.cause = 8;
  engine.advance(2);
  t.deepEqual(causes, [0, 0, 0]);
  t.is(engine.cause, 0);
});
