import test, {type ExecutionContext} from 'ava';
import {Conntrack, replyTo, under, type Tuple} from '../../../models/dataplane/conntrack.ts';
import {makeGround} from '../../support/ground.ts';
import {ip} from '../../support/small-topology.ts';

const vm = ip('172.16.1.11');
const server = ip('203.0.113.10');
const router = ip('10.0.2.2');

function from(sourcePort: number, protocol: Tuple['protocol'] = 'udp'): Tuple {
  const destinationPort = protocol === 'icmp' ? sourcePort : 9_000;
  return {protocol, source: vm, sourcePort, destination: server, destinationPort};
}

/** Connections under the router's address from these ports on, as many as said. */
function taking(first: number, count: number): Conntrack {
  const connections = new Conntrack(makeGround());
  for (let port = first; port < first + count; port++) {
    const other = {...from(port), source: vm + 1};
    connections.add(other, replyTo(under(other, router, port)));
  }
  return connections;
}

/** The port that is found, and how many places in its range were drawn for that. */
function found(
  connections: Conntrack,
  tuple: Tuple,
  draws: readonly number[] = [],
): readonly [number | undefined, number] {
  let drawn = 0;
  return [connections.freePort(tuple, router, () => draws[drawn++] ?? 0), drawn];
}

test('a port that is free is kept, whatever range it is in', t => {
  for (const port of [1, 511, 512, 555, 599, 600, 1_023, 1_024, 65_535]) {
    t.deepEqual(found(taking(0, 0), from(port)), [port, 0]);
  }
});

test('another destination leaves the port free', t => {
  t.deepEqual(found(taking(5_000, 1), {...from(5_000), destination: server + 1}), [5_000, 0]);
});

const next: readonly (readonly [own: number, taken: number, expected: number])[] = [
  [5_000, 3, 5_003],
  [510, 2, 1],
  [555, 1, 600],
  [1_022, 2, 600],
  [65_535, 1, 1_024],
];

for (const [own, taken, expected] of next) {
  test(`with ${taken} taken from ${own} on, ${expected} is next`, t => {
    t.deepEqual(found(taking(own, taken), from(own)), [expected, 0]);
  });
}

test('after 128 ports a place in the range is drawn', t => {
  t.deepEqual(found(taking(5_000, 127), from(5_000)), [5_127, 0]);
  t.deepEqual(found(taking(5_000, 128), from(5_000), [0.5]), [1_024 + 32_256, 1]);
});

test('rounds get shorter, 64, 32, 16 and 8 long, and then none is free', t => {
  const start = (port: number): number => (port - 1_024 + 0.5) / 64_512;
  const connections = taking(5_000, 128);
  const rounds = (...ports: readonly number[]) => found(connections, from(5_000), ports.map(start));
  checkRound(t, rounds, [], 64);
  checkRound(t, rounds, [5_000], 32);
  checkRound(t, rounds, [5_000, 5_000], 16);
  checkRound(t, rounds, [5_000, 5_000, 5_000], 8);
  t.deepEqual(rounds(5_000, 5_000, 5_000, 5_000), [undefined, 4]);
});

/** Whether a round after `before` is exactly `length` long. */
function checkRound(
  t: ExecutionContext,
  rounds: (...ports: readonly number[]) => readonly [number | undefined, number],
  before: readonly number[],
  length: number,
): void {
  t.is(rounds(...before, 5_128 - length + 1)[0], 5_128);
  t.not(rounds(...before, 5_128 - length)[0], 5_128);
}

test('an ICMP identifier is kept or none is free', t => {
  const connections = new Conntrack(makeGround());
  t.deepEqual(found(connections, from(7, 'icmp')), [7, 0]);
  const other = {...from(7, 'icmp'), source: vm + 1};
  connections.add(other, replyTo(under(other, router, 7)));
  t.deepEqual(found(connections, from(7, 'icmp')), [undefined, 0]);
});
