import test from 'ava';
import {never, seconds, toSeconds, type Time} from '../../../engine/time.ts';
import {Conntrackd, type SyncMessage} from '../../../models/protocols/conntrackd/conntrackd.ts';
import type {SyncedConnection} from '../../../models/protocols/conntrackd/synced-connection.ts';
import {inverse} from '../../../models/protocols/conntrack-tuple.ts';
import {tcp, udp} from '../../support/nat-bench.ts';

/** A daemon with a kernel that writes down what it is asked; `taken` are source ports that the kernel has, or cannot have. */
function bench(limit = 100, taken = new Map<number, 'known' | 'in the way'>()) {
  const lines: string[] = [];
  const kernel: SyncedConnection[] = [];
  const say = ({what, connection}: SyncMessage): string => `${what} ${connection.original.sourcePort}`;
  const daemon = new Conntrackd(limit, {
    send: messages => lines.push(`tells ${messages.map(say).join(', ')}`),
    requestResync: () => lines.push('asks for everything'),
    dump: () => kernel,
    create: ({original: {sourcePort}}, timeout) => {
      if (taken.has(sourcePort)) return false;
      lines.push(`makes ${sourcePort} for ${toSeconds(timeout)} s`);
      return true;
    },
    destroy: ({original: {sourcePort}}) => {
      if (taken.get(sourcePort) !== 'known') return false;
      lines.push(`deletes ${sourcePort}`);
      return taken.delete(sourcePort);
    },
    purge: () => lines.push('empties the kernel'),
  });
  const said = (): readonly string[] => lines.splice(0);
  return {daemon, kernel, said};
}

function connection(sourcePort: number, timeout = 120, protocol = udp): SyncedConnection {
  const original = protocol('10.0.0.5', sourcePort, '203.0.113.200', 53);
  return {
    ...{original, reply: inverse(original), replied: true, assured: true, timeout},
    ...{sourceTranslated: false, destinationTranslated: false, tcpState: undefined},
  };
}

const at = (second: number): Time => seconds(second);

test('what the kernel tells is told on; the end of a connection that nobody knew is not', t => {
  const {daemon, said} = bench();
  daemon.happened({what: 'new', connection: connection(1)}, at(1));
  daemon.happened({what: 'update', connection: connection(1)}, at(2));
  daemon.happened({what: 'destroy', connection: connection(2)}, at(3));
  daemon.happened({what: 'destroy', connection: connection(1)}, at(4));
  t.deepEqual(said(), ['tells new 1', 'tells update 1', 'tells destroy 1']);
  t.is(daemon.internal.size, 0);
});

test('what others tell is in no kernel until it is committed, with the time that is left by then', t => {
  const {daemon, said} = bench();
  daemon.heard({what: 'new', connection: connection(1, 120)}, at(10));
  daemon.heard({what: 'new', connection: connection(2, 30)}, at(10));
  daemon.heard({what: 'new', connection: connection(3, 30)}, at(10));
  daemon.heard({what: 'destroy', connection: connection(3)}, at(11));
  daemon.heard({what: 'new', connection: connection(4, 432_000, tcp)}, at(11));
  t.deepEqual(said(), []);
  daemon.command('-c', at(70));
  // Nobody told that the second one was in use all the time: it gets an arbitrary minute.
  t.deepEqual(said(), ['makes 1 for 60 s', 'makes 2 for 60 s', 'makes 4 for 431941 s']);
});

test('a connection that has begun meanwhile under the same first tuple makes room; under the answers of one it stays', t => {
  const {daemon, said} = bench(
    100,
    new Map([
      [1, 'known'],
      [2, 'in the way'],
    ]),
  );
  daemon.heard({what: 'new', connection: connection(1)}, at(10));
  daemon.heard({what: 'new', connection: connection(2)}, at(10));
  daemon.command('-c', at(10));
  t.deepEqual(said(), ['deletes 1', 'makes 1 for 120 s']);
  t.like(daemon.external.counters, {committed: 1, commitFailed: 1});
});

test('a primary commits, forgets, reads the kernel and tells the others everything', t => {
  const {daemon, kernel, said} = bench();
  daemon.heard({what: 'new', connection: connection(1)}, at(10));
  daemon.happened({what: 'new', connection: connection(9)}, at(10));
  said();
  kernel.push(connection(1), connection(2));
  for (const command of ['-c', '-f', '-R', '-B'] as const) daemon.command(command, at(20));
  t.deepEqual(said(), ['makes 1 for 110 s', 'tells update 1, update 2']);
  t.deepEqual([daemon.external.size, daemon.internal.size], [0, 2]);
});

test('a backup asks for everything, and a minute later its kernel is emptied and nobody told', t => {
  const {daemon, said} = bench();
  daemon.happened({what: 'new', connection: connection(1)}, at(1));
  said();
  daemon.command('-t', at(10));
  daemon.command('-t', at(30));
  daemon.command('-n', at(30));
  t.is(daemon.wakeAt, at(70));
  daemon.wake(at(70));
  t.deepEqual(said(), ['asks for everything', 'empties the kernel']);
  t.is(daemon.internal.size, 0);
});

for (const command of ['-c', '-f'] as const) {
  test(`a backup that becomes primary within the minute keeps its kernel's table (${command})`, t => {
    const {daemon} = bench();
    daemon.command('-t', at(10));
    daemon.command(command, at(40));
    t.is(daemon.wakeAt, never);
  });
}

test('a cache that is full takes nothing in, and what is not in it is not told on', t => {
  const {daemon, said} = bench(1);
  daemon.happened({what: 'new', connection: connection(1)}, at(1));
  daemon.happened({what: 'new', connection: connection(2)}, at(1));
  daemon.happened({what: 'update', connection: connection(1)}, at(2));
  t.deepEqual(said(), ['tells new 1', 'tells update 1']);
  t.is(daemon.internal.counters.addFailed, 1);
});

test('who is asked for everything tells what its kernel has told it', t => {
  const {daemon, kernel, said} = bench();
  kernel.push(connection(7));
  daemon.start(at(0));
  daemon.heard({what: 'new', connection: connection(1)}, at(1));
  daemon.askedForAll();
  t.deepEqual(said(), ['tells update 7']);
});
