import test from 'ava';
import fc from 'fast-check';
import {Table} from '../../engine/table.ts';

const shape = {address: 'number', next: 'row', ip: 'word', state: 'byte'} as const;

test('rows are numbered from 0 and come zeroed', t => {
  const table = new Table(shape);
  t.deepEqual([table.add(), table.add(), table.add()], [0, 1, 2]);
  t.is(table.count, 3);
  t.is(table.end, 3);
  const {address, next, ip, state} = table.columns;
  t.deepEqual([address[2], next[2], ip[2], state[2]], [0, 0, 0, 0]);
});

test('columns hold what they are for', t => {
  const table = new Table(shape);
  const row = table.add();
  table.columns.address[row] = 2 ** 53 - 1;
  table.columns.next[row] = -1;
  table.columns.ip[row] = 0xffff_ffff;
  table.columns.state[row] = 255;
  const {address, next, ip, state} = table.columns;
  t.deepEqual([address[row], next[row], ip[row], state[row]], [2 ** 53 - 1, -1, 0xffff_ffff, 255]);
});

test('growing keeps every row, in columns that must be read anew', t => {
  const table = new Table(shape);
  const first = table.columns;
  for (let i = 0; i < 1_000; i++) {
    const row = table.add();
    table.columns.address[row] = i * 3;
    table.columns.next[row] = i - 1;
  }
  t.not(table.columns, first);
  for (let row = 0; row < 1_000; row++) {
    t.is(table.columns.address[row], row * 3);
    t.is(table.columns.next[row], row - 1);
  }
});

test('a removed row is used again, zeroed and of another generation', t => {
  const table = new Table(shape);
  const kept = table.add();
  const row = table.add();
  table.columns.address[kept] = 5;
  table.columns.address[row] = 7;
  table.columns.next[row] = -1;
  t.is(table.generation(row), 0);
  table.remove(row);
  t.false(table.has(row));
  t.is(table.count, 1);
  t.is(table.generation(row), 1);
  t.is(table.add(), row);
  t.true(table.has(row));
  t.deepEqual([table.columns.address[row], table.columns.next[row]], [0, 0]);
  t.is(table.generation(row), 1);
  t.deepEqual([table.columns.address[kept], table.generation(kept)], [5, 0]);
  t.is(table.end, 2);
});

test('a row that is not there cannot be removed', t => {
  const table = new Table(shape);
  const row = table.add();
  table.remove(row);
  for (const absent of [row, 1, 7, 8, -1, 0.5, NaN]) {
    t.throws(() => table.remove(absent), {message: /there is no row/}, `${absent}`);
    t.false(table.has(absent));
  }
  t.is(table.count, 0);
  t.is(table.generation(row), 1);
});

test('any adding and removing leaves what a map would hold', t => {
  const step = fc.oneof(
    {weight: 3, arbitrary: fc.record({add: fc.nat(255)})},
    {weight: 2, arbitrary: fc.record({remove: fc.nat()})},
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 200, size: 'max'}), steps => {
      const table = new Table(shape);
      const model = new Map<number, number>();
      const removals = new Map<number, number>();
      for (const one of steps) {
        if ('add' in one) {
          const row = table.add();
          if (model.has(row) || table.columns.state[row] !== 0) return false;
          table.columns.state[row] = one.add;
          model.set(row, one.add);
        } else if (model.size > 0) {
          const row = [...model.keys()][one.remove % model.size];
          table.remove(row);
          model.delete(row);
          removals.set(row, (removals.get(row) ?? 0) + 1);
        }
      }
      for (let row = 0; row < table.end + 2; row++) {
        if (table.has(row) !== model.has(row)) return false;
        if (model.has(row) && table.columns.state[row] !== model.get(row)) return false;
        if (row < table.end && table.generation(row) !== (removals.get(row) ?? 0)) return false;
      }
      return table.count === model.size;
    }),
  );
  t.pass();
});
