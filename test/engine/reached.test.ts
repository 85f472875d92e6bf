import test from 'ava';
import {alarmPlace, Engine, type Place} from '../../engine/engine.ts';
import type {Time} from '../../engine/time.ts';
import {Writer} from './writer.ts';

test('what lies before the present instant is reached, what lies after it is not', t => {
  const engine = new Engine();
  const seen: boolean[] = [];
  const ask = (now: Time): void => {
    seen.push(engine.reached(alarmPlace(9, now - 1)), engine.reached(alarmPlace(0, now + 1)));
  };
  engine.add(new Writer('a', [], {wakeAt: 10, onWake: ask}));
  engine.advance(20);
  t.deepEqual(seen, [true, false]);
});

test('within the instant everything up to the present place is reached, itself included', t => {
  const engine = new Engine();
  const at = 10;
  const reached: string[] = [];
  const places: Record<string, Place> = {
    'lower receiver': {at, receiver: 0, sender: 9, number: 9},
    'own alarm': alarmPlace(1, at),
    'lower sender': {at, receiver: 1, sender: 3, number: 9},
    'lower number': {at, receiver: 1, sender: 4, number: 4},
    itself: {at, receiver: 1, sender: 4, number: 5},
    'higher number': {at, receiver: 1, sender: 4, number: 6},
    'higher sender': {at, receiver: 1, sender: 5, number: 0},
    'higher receiver': {at, receiver: 2, sender: -1, number: 0},
  };
  const ask = (): void => {
    for (const [name, place] of Object.entries(places)) if (engine.reached(place)) reached.push(name);
  };
  engine.add(new Writer('a', []));
  engine.add(new Writer('b', [], {onHear: ask}));
  engine.post(at, 1, 4, 5, '');
  engine.advance(20);
  t.deepEqual(reached, ['lower receiver', 'own alarm', 'lower sender', 'lower number', 'itself']);
});

test('what was reached within an instant stays so when something of a lower number happens after it', t => {
  const engine = new Engine();
  const seen: boolean[] = [];
  const ask = (): void => {
    seen.push(...[0, 1, 2, 3].map(number => engine.reached(alarmPlace(number, 5))));
  };
  engine.add(new Writer('low', [], {onHear: ask}));
  engine.add(new Writer('skipped', []));
  engine.add(new Writer('middle', [], {wakeAt: 5, onWake: now => engine.post(now, 0, 2, 0, '')}));
  engine.add(new Writer('high', [], {wakeAt: 5}));
  engine.advance(6);
  t.deepEqual(seen, [true, true, true, false]);
});

test('what was reached stays so when a message of a lower number follows, and goes on when one of a higher does', t => {
  const engine = new Engine();
  const seen: string[] = [];
  const ask = (message: unknown, at: Time): void => {
    const numbers = [3, 4, 5, 6, 7].filter(number => engine.reached({at, receiver: 0, sender: 2, number}));
    seen.push(`at ${String(message)} reached ${numbers.join(' ')}`);
    if (message === 5) engine.post(at, 0, 2, 3, 3);
  };
  engine.add(new Writer('a', [], {onHear: ask}));
  engine.post(1, 0, 2, 5, 5);
  engine.post(1, 0, 2, 6, 6);
  engine.advance(2);
  t.deepEqual(seen, ['at 5 reached 3 4 5', 'at 3 reached 3 4 5', 'at 6 reached 3 4 5 6']);
});

test('between two advances nothing of the present instant is reached', t => {
  const engine = new Engine();
  engine.add(new Writer('a', [], {wakeAt: 10}));
  t.false(engine.reached(alarmPlace(0, 0)));
  engine.advance(10);
  t.false(engine.reached(alarmPlace(0, 10)));
  t.true(engine.reached(alarmPlace(0, 9)));
  engine.advance(11);
  t.true(engine.reached(alarmPlace(0, 10)));
  t.false(engine.reached(alarmPlace(0, 11)));
});
