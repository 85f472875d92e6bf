import test from 'ava';
import fc from 'fast-check';
import type {FlowMatch, FlowPacket, FlowSpec} from '../../../../models/protocols/openflow/flow.ts';
import {isSelected} from '../../../../models/protocols/openflow/flow.ts';
import {FlowTables, type Slot} from '../../../../models/protocols/openflow/flow-tables.ts';
import {walk, type WalkPort} from '../../../../models/protocols/openflow/walk.ts';
import {broadcastMac} from '../../../../models/wire/mac.ts';
import type {Frame} from '../../../../models/wire/frame.ts';

const frame = (destination: number, vlan?: number, source = 1): Frame => ({
  ...{source, destination, vlan},
  payload: {kind: 'arp', operation: 'request', senderMac: source, senderIp: 10, targetMac: 0, targetIp: 20},
});

const packet = (destination: number, vlan?: number, inPort = 1): FlowPacket => ({
  ...{inPort, frame: frame(destination, vlan), tunnel: undefined},
});

const spec = (priority: number, match: FlowMatch, actions: FlowSpec['actions'] = [], table = 0): FlowSpec => ({
  ...{cookie: '0x1', table, priority, match, actions},
});

/** What happens to a packet, in a line each. */
function script(tables: FlowTables, at: FlowPacket): readonly string[] {
  const lines: string[] = [];
  const port: WalkPort = {
    consulted: () => undefined,
    matched: ({table, priority}) => lines.push(`table ${table} priority ${priority}`),
    output: (to, {frame: {vlan = 'none', destination}, tunnel}) =>
      lines.push(`to ${to}: vlan ${vlan}, tunnel ${tunnel}, for ${destination}`),
    normal: () => lines.push('normal'),
    learn: ({table}, {inPort, frame: {source}}) => lines.push(`table ${table} learns ${source} at ${inPort}`),
  };
  const ended = walk(tables, at, port);
  return [...lines, `ends in ${ended}`];
}

test('the highest priority wins, whichever fields it asks for and whenever it came', t => {
  const tables = new FlowTables(() => undefined);
  tables.add(spec(3, {inPort: 1, vlan: 5}, [{kind: 'output', port: 3}]), 0);
  tables.add(spec(0, {}, [{kind: 'normal'}]), 0);
  tables.add(spec(2, {inPort: 1}), 0);
  t.deepEqual(script(tables, packet(7, 5)), [
    'table 0 priority 3',
    'to 3: vlan 5, tunnel undefined, for 7',
    'ends in 0',
  ]);
  t.deepEqual(script(tables, packet(7, 6)), ['table 0 priority 2', 'ends in 0']);
  t.deepEqual(script(tables, packet(7, 5, 2)), ['table 0 priority 0', 'normal', 'ends in 0']);
});

test('actions change what later actions and tables see', t => {
  const tables = new FlowTables(() => undefined);
  tables.add(
    spec(1, {}, [
      {kind: 'set vlan', vlan: 9},
      {kind: 'goto', table: 20},
    ]),
    0,
  );
  const away = [{kind: 'strip vlan'}, {kind: 'set tunnel', tunnel: 77}, {kind: 'output', port: 4}] as const;
  tables.add(spec(2, {vlan: 9, destination: 7}, away, 20), 0);
  tables.add(spec(0, {}, [{kind: 'goto', table: 22}], 20), 0);
  t.deepEqual(script(tables, packet(7)), [
    ...['table 0 priority 1', 'table 20 priority 2', 'to 4: vlan none, tunnel 77, for 7', 'ends in 20'],
  ]);
  t.deepEqual(script(tables, packet(8)), ['table 0 priority 1', 'table 20 priority 0', 'ends in 22']);
});

test('a packet never goes back by where it came from unless it is answered', t => {
  const tables = new FlowTables(() => undefined);
  const everywhere = [1, 2, 3].map(port => ({kind: 'output', port}) as const);
  tables.add(spec(1, {destination: broadcastMac}, everywhere), 0);
  tables.add(spec(2, {payload: 'arp', arpTarget: 20}, [{kind: 'answer arp', address: 20, mac: 50}]), 0);
  t.deepEqual(script(tables, packet(broadcastMac, 3)), [
    ...['table 0 priority 2', 'to 1: vlan 3, tunnel undefined, for 1', 'ends in 0'],
  ]);
  tables.remove({priority: 2});
  t.deepEqual(
    script(tables, packet(broadcastMac, 3)).filter(line => line.startsWith('to')),
    [2, 3].map(port => `to ${port}: vlan 3, tunnel undefined, for ${broadcastMac}`),
  );
});

test('a learn action comes before what follows it', t => {
  const tables = new FlowTables(() => undefined);
  const learn = {kind: 'learn', table: 20, priority: 1, hardTimeout: 300, cookie: '0x1'} as const;
  tables.add(spec(1, {}, [learn, {kind: 'output', port: 9}]), 0);
  t.deepEqual(script(tables, packet(7, 2, 4)), [
    ...['table 0 priority 1', 'table 20 learns 1 at 4', 'to 9: vlan 2, tunnel undefined, for 7', 'ends in 0'],
  ]);
});

test('a flow of the same match and priority takes the place of the old one; a table without a match drops', t => {
  const tables = new FlowTables(() => undefined);
  const first = tables.add(spec(1, {vlan: 4}, [{kind: 'output', port: 2}]), 5);
  const second = tables.add({...spec(1, {vlan: 4}), cookie: '0x2'}, 6);
  t.is(first.replaced, undefined);
  t.is(second.replaced, first.flow);
  t.deepEqual(
    tables.list().map(({cookie, installedAt}) => [cookie, installedAt]),
    [['0x2', 6]],
  );
  t.deepEqual(script(tables, packet(1, 3)), ['ends in 0']);
});

test('flows are removed by cookie, by table, and by what they ask for', t => {
  const tables = new FlowTables(() => undefined);
  for (const table of [20, 22]) {
    tables.add(spec(2, {vlan: 1, destination: 5}, [], table), 0);
    tables.add({...spec(2, {vlan: 1}, [], table), cookie: '0x2'}, 0);
    tables.add(spec(0, {}, [], table), 0);
  }
  t.is(tables.remove({table: 20, match: {vlan: 1, destination: 5}}).length, 1);
  t.is(tables.remove({table: 22, match: {vlan: 1}}).length, 2);
  t.is(tables.remove({cookie: '0x2'}).length, 1);
  t.deepEqual(
    tables.list().map(({table, priority}) => [table, priority]),
    [
      [20, 0],
      [22, 0],
    ],
  );
});

const small = {min: 0, max: 2} as const;
const anyMatch: fc.Arbitrary<FlowMatch> = fc.record(
  {
    inPort: fc.integer(small),
    vlan: fc.oneof(fc.integer(small), fc.constant('none' as const)),
    source: fc.integer(small),
    destination: fc.integer(small),
    group: fc.boolean(),
  },
  {requiredKeys: []},
);
const anyPacket: fc.Arbitrary<FlowPacket> = fc
  .tuple(fc.integer(small), fc.integer(small), fc.integer(small), fc.option(fc.integer(small), {nil: undefined}))
  .map(([inPort, source, destination, vlan]) => ({inPort, frame: frame(destination, vlan, source), tunnel: undefined}));
const anyStep = fc.oneof(
  {weight: 3, arbitrary: fc.record({priority: fc.integer(small), match: anyMatch})},
  {weight: 1, arbitrary: fc.record({remove: anyMatch})},
);

test('tables find what looking at every flow finds, and say when it may be another one', t => {
  fc.assert(
    fc.property(fc.array(anyStep, {maxLength: 20}), anyPacket, (steps, at) => {
      const changed = new Set<Slot>();
      const tables = new FlowTables(slot => changed.add(slot));
      let plain: FlowSpec[] = [];
      let consulted: Slot[] = [];
      const look = (): FlowSpec | undefined => {
        consulted = [];
        return tables.lookup(0, at, slot => {
          slot.fact = 1;
          consulted.push(slot);
        });
      };
      let found = look();
      for (const step of steps) {
        changed.clear();
        if ('remove' in step) {
          tables.remove({match: step.remove});
          plain = plain.filter(flow => !isSelected(flow, {match: step.remove}));
        } else {
          const flow = spec(step.priority, step.match);
          tables.add(flow, 0);
          plain = [...plain.filter(other => !isSame(other, flow)), flow];
        }
        const isTold = consulted.some(slot => changed.has(slot));
        const now = look();
        const best = Math.max(-1, ...plain.filter(flow => fits(flow.match, at)).map(({priority}) => priority));
        t.is(now?.priority ?? -1, best);
        if (now !== found) t.true(isTold, 'who relied on the old flow is told');
        found = now;
      }
    }),
  );
});

function isSame(a: FlowSpec, b: FlowSpec): boolean {
  return a.priority === b.priority && JSON.stringify(a.match) === JSON.stringify(b.match);
}

function fits(match: FlowMatch, {inPort, frame: {vlan, source, destination}}: FlowPacket): boolean {
  const seen: FlowMatch = {inPort, vlan: vlan ?? 'none', source, destination, group: false};
  return Object.entries(match).every(([field, wanted]) => seen[field as keyof FlowMatch] === wanted);
}
