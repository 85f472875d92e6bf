import test from 'ava';
import fc from 'fast-check';
import {Deadlines} from '../../engine/deadlines.ts';
import {never, type Time} from '../../engine/time.ts';

test('without a deadline nothing rings', t => {
  const deadlines = new Deadlines();
  t.is(deadlines.nextAt, never);
  t.is(deadlines.takeDue(1_000_000), undefined);
  deadlines.clear(3);
  deadlines.set(4, never);
  t.is(deadlines.nextAt, never);
});

test('rows fall due by time, and at one time by number', t => {
  const deadlines = new Deadlines();
  for (const [row, at] of [
    [5, 20],
    [9, 10],
    [2, 20],
    [7, 30],
    [3, 10],
  ]) {
    deadlines.set(row, at);
  }
  t.is(deadlines.nextAt, 10);
  t.is(deadlines.takeDue(9), undefined);
  t.deepEqual(takeAll(deadlines, 20), [3, 9, 2, 5]);
  t.is(deadlines.nextAt, 30);
  t.deepEqual(takeAll(deadlines, 30), [7]);
  t.is(deadlines.nextAt, never);
});

test('a deadline that was moved away is not due when the old alarm rings', t => {
  const deadlines = new Deadlines();
  deadlines.set(1, 10);
  deadlines.set(1, 25);
  t.is(deadlines.nextAt, 10);
  t.is(deadlines.takeDue(10), undefined);
  t.is(deadlines.nextAt, 25);
  t.is(deadlines.takeDue(25), 1);
});

test('a deadline that was moved nearer is due then, and only once', t => {
  const deadlines = new Deadlines();
  deadlines.set(1, 30);
  deadlines.set(1, 10);
  t.is(deadlines.nextAt, 10);
  t.deepEqual(takeAll(deadlines, 10), [1]);
  t.deepEqual(takeAll(deadlines, 30), []);
});

test('a deadline that was taken back is not due, set again it is due at its new time', t => {
  const deadlines = new Deadlines();
  deadlines.set(1, 10);
  deadlines.clear(1);
  deadlines.set(2, 10);
  deadlines.set(2, never);
  t.deepEqual(takeAll(deadlines, 10), []);
  deadlines.set(1, 40);
  deadlines.clear(1);
  deadlines.set(1, 20);
  t.deepEqual(takeAll(deadlines, 19), []);
  t.deepEqual(takeAll(deadlines, 20), [1]);
  t.deepEqual(takeAll(deadlines, 100), []);
});

test('rows set while others are being taken fall due in their turn', t => {
  const deadlines = new Deadlines();
  deadlines.set(5, 10);
  deadlines.set(8, 10);
  t.is(deadlines.takeDue(10), 5);
  deadlines.set(6, 10);
  deadlines.set(5, 10);
  deadlines.set(9, 3);
  t.deepEqual(takeAll(deadlines, 10), [9, 5, 6, 8]);
});

test('a row that is set and taken back for ever keeps one alarm', t => {
  const deadlines = new Deadlines();
  for (let now = 0; now < 1_000; now++) {
    deadlines.set(1, now + 300);
    if (now % 3 === 0) deadlines.clear(1);
    while (deadlines.nextAt <= now) t.is(deadlines.takeDue(now), undefined);
  }
  deadlines.clear(1);
  let rings = 0;
  for (; deadlines.nextAt < never; rings++) deadlines.takeDue(deadlines.nextAt);
  t.is(rings, 1);
});

test('whatever is set, moved and taken back, what falls due is what a plain map says', t => {
  const row = fc.nat(5);
  const step = fc.oneof(
    {weight: 5, arbitrary: fc.record({row, after: fc.integer({min: -2, max: 20})})},
    {weight: 2, arbitrary: fc.record({row})},
    {weight: 3, arbitrary: fc.record({pass: fc.nat(8), most: fc.nat(6)})},
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 100, size: 'max'}), steps => {
      const deadlines = new Deadlines();
      const model = new Map<number, Time>();
      let now = 100;
      for (const one of steps) {
        if ('after' in one) {
          const at = one.after === 20 ? never : now + one.after;
          deadlines.set(one.row, at);
          if (at === never) model.delete(one.row);
          else model.set(one.row, at);
        } else if ('row' in one) {
          deadlines.clear(one.row);
          model.delete(one.row);
        } else {
          now += one.pass;
          for (let i = 0; i < one.most; i++) {
            const due = takeFromModel(model, now);
            if (deadlines.takeDue(now) !== due) return false;
          }
        }
        if (deadlines.nextAt > Math.min(never, ...model.values())) return false;
      }
      while (model.size > 0) if (deadlines.takeDue(1_000) !== takeFromModel(model, 1_000)) return false;
      return deadlines.takeDue(1_000) === undefined && deadlines.nextAt === never;
    }),
    {numRuns: 1_000},
  );
  t.pass();
});

function takeAll(deadlines: Deadlines, now: Time): number[] {
  const rows: number[] = [];
  for (let row = deadlines.takeDue(now); row !== undefined; row = deadlines.takeDue(now)) rows.push(row);
  return rows;
}

function takeFromModel(model: Map<number, Time>, now: Time): number | undefined {
  const due = [...model].filter(([, at]) => at <= now).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  if (due.length === 0) return undefined;
  model.delete(due[0][0]);
  return due[0][0];
}
