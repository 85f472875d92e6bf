import test from 'ava';
import fc from 'fast-check';
import {none, routerKey, SouthboundContents, type SouthboundTable} from '../../../models/tables/southbound-contents.ts';

const tables: readonly SouthboundTable[] = ['Chassis', 'Port_Binding', 'HA_Chassis', 'MAC_Binding'];
const key = fc.oneof(
  fc.nat(3),
  fc.nat(3).map(what => routerKey(1, what)),
);
const changes = fc.array(fc.record({table: fc.constantFrom(...tables), key, value: fc.integer({min: -1, max: 3})}));

/** What stood in the rows when the run began. */
const initial = (table: SouthboundTable, row: number) => tables.indexOf(table) * 10 + (row % 7);

test('whatever was written, every watermark shows the rows as they were then', t => {
  fc.assert(
    fc.property(changes, script => {
      const contents = new SouthboundContents(initial);
      const snapshots: Map<string, number>[] = [new Map()];
      for (const {table, key: row, value} of script) {
        const watermark = contents.write({table, key: row, value, cause: 0});
        t.is(watermark, snapshots.length);
        snapshots.push(new Map(snapshots[watermark - 1]).set(`${table} ${row}`, value));
      }
      t.is(contents.latest, script.length);
      const rows = [...new Set(script.map(({table, key: row}) => `${table} ${row}`)), 'Chassis 9'];
      for (const [watermark, snapshot] of snapshots.entries()) {
        for (const name of rows) {
          const [table, row] = name.split(' ') as [SouthboundTable, string];
          t.is(contents.read(table, Number(row), watermark), snapshot.get(name) ?? initial(table, Number(row)));
        }
      }
    }),
  );
});

test('what is between two watermarks leads from the one to the other', t => {
  fc.assert(
    fc.property(changes, fc.nat(), fc.nat(), (script, a, b) => {
      const contents = new SouthboundContents(initial);
      for (const change of script) contents.write({...change, cause: 0});
      const [from, to] = [a % (script.length + 1), b % (script.length + 1)].sort((x, y) => x - y);
      const between = contents.between(from, to);
      t.is(between.length, to - from);
      for (const {table, key: row} of between) {
        const last = between.filter(change => change.table === table && change.key === row).at(-1);
        t.is(contents.read(table, row, to), last!.value);
      }
    }),
  );
});

test('a row that nobody has written is as it was when the run began', t => {
  t.is(new SouthboundContents(() => none).read('Port_Binding', 5, 100), none);
});

test('rows of routers and what is numbered do not meet', t => {
  const keys = [0, 1, 2].flatMap(router => [0, 1, 0xffff_ffff].map(what => routerKey(router, what)));
  t.is(new Set(keys).size, keys.length);
  for (const [router, what] of [
    [0, 0xffff_ffff],
    [7, 0x0a00_0201],
  ] as const) {
    const row = routerKey(router, what);
    t.deepEqual([Math.floor(row / 0x1_0000_0000), row % 0x1_0000_0000], [router, what]);
  }
});
