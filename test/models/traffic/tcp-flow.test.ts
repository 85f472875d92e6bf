import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {FlowResult} from '../../../models/events/results.ts';
import type {World} from '../../../models/world/world.ts';
import {parseIpv4} from '../../../models/wire/ipv4.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {Luck} from '../../support/luck.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const patterns = ['upload', 'download', 'push', 'ping-pong', 'connect'] as const;

const traffic = [
  ...patterns.map(pattern => `${pattern}-near: {from: vm1, to: vm2, protocol: tcp, pattern: ${pattern}, every: 70ms}`),
  ...patterns.map(
    pattern => `${pattern}-far: {from: vm1, to: outside, protocol: tcp, pattern: ${pattern}, every: 90ms}`,
  ),
  'routed: {from: vm1, to: vm4, protocol: tcp, every: 110ms, size: 4000}',
  'floating: {from: [near, outside], to: 10.0.2.100, protocol: tcp, every: 130ms}',
  'slow: {from: vm3, to: outside, protocol: tcp, every: 1s}',
  'asks: {from: vm3, to: vm2, every: 150ms, confirms: true}',
];

/** All that is left of a run: what was announced and counted. */
function account(world: World): string {
  const {journal, counters} = world.ground;
  world.ground.ledger.settle();
  return JSON.stringify([world.results(), counters.list(), [...journal.entries]]);
}

/** Faults of links and hosts at drawn moments, in lines of a scenario. */
function someFaults(luck: Luck, hosts: readonly string[]): readonly string[] {
  return Array.from({length: luck.whole(2, 5)}, (_, index) => {
    const [host, at, lasts] = [luck.pick(hosts), luck.whole(2, 25), luck.whole(1, 9)];
    const nic = luck.pick(['underlay', 'provider']);
    const what = luck.pick([
      `break: link, nic: ${nic}`,
      `break: black-hole, nic: ${nic}`,
      `break: drop, nic: ${nic}, protocol: arp`,
      `break: loss, nic: ${nic}, rate: 20%`,
      `break: latency, nic: ${nic}, add: 30ms`,
      'break: chassis',
    ]);
    return `f${index}: {${what}, of: ${host}, at: ${at}.${luck.whole(0, 999)}s, for: ${lasts}s}`;
  });
}

for (const kind of ['neutron', 'ovn'] as const) {
  test(`TCP through a cloud of ${kind}: packet by packet and with what repeats counted it comes to the same`, t => {
    for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 1); seed++) {
      const luck = new Luck(`tcp ${kind} ${seed}`);
      const faults = someFaults(luck, ['gw1', 'cn1', 'cn2']);
      const sections = {traffic, faults};
      const text = kind === 'neutron' ? neutronText('{}', sections, '40s') : cloudText({duration: '40s', sections});
      const [skipped, stepped] = [true, false].map(skipping => {
        const world = worldOf(planOf(text, seed), skipping);
        world.advance(seconds(40));
        return account(world);
      });
      t.true(skipped === stepped, `seed ${seed}: ${faults.join(' ')}`);
    }
  });
}

function flow(line: string, until: number, sections: Readonly<Record<string, readonly string[]>> = {}): FlowResult {
  const world = worldOf(
    planOf(neutronText('{}', {traffic: [`flow: {protocol: tcp, ${line}}`], ...sections}, `${until + 1}s`)),
  );
  world.advance(seconds(until));
  return world.results()[0];
}

test('a steady flow is counted, and every message gets there', t => {
  for (const pattern of patterns.slice(0, 4)) {
    const world = worldOf(
      planOf(
        neutronText('{}', {
          traffic: [`flow: {from: vm1, to: outside, protocol: tcp, pattern: ${pattern}, every: 10ms}`],
        }),
      ),
    );
    world.advance(seconds(4));
    t.true(world.ground.ledger.held > 0, `${pattern} is counted`);
    world.advance(seconds(20));
    const [{sent, delivered, lost}] = world.results();
    t.deepEqual([sent, delivered, lost], [2000, 2000, 0], pattern);
  }
});

test('a connection for each message, and a refusal for each where nobody listens', t => {
  const open = flow('from: vm1, to: outside, pattern: connect, every: 100ms, count: 50', 10);
  t.deepEqual([open.delivered, open.connections?.opened], [50, 50]);
  const closed = flow('from: vm1, to: outside, pattern: connect, every: 100ms, count: 50, listening: false', 10);
  t.deepEqual([closed.lost, closed.connections?.refused], [50, 50]);
  t.deepEqual(
    closed.drops.map(({reason}) => reason),
    ['nobody listens'],
  );
});

test('what was written during a silence comes late, and the connection goes on', t => {
  const faults = ['cut: {break: black-hole, of: cn1, nic: underlay, at: 10s, for: 3s}'];
  const {lost, late, connections} = flow('from: vm1, to: vm2, every: 50ms', 30, {faults});
  t.is(connections?.opened, 1);
  t.is(lost, late);
  // Retransmissions at 0.2, 0.4, 0.8, 1.6 and 3.2 s: what was written more than a second before the last is late.
  t.true(lost >= 40 && lost <= 60, String(lost));
});

test('what waits for ARP that nobody answers is lost for that, not late where it never came', t => {
  const operations = ['gone: {do: disassociate, floating-ip: 10.0.2.100, at: 10s}'];
  const {lost, drops} = flow('from: near, to: 10.0.2.100, every: 100ms', 12.5, {operations});
  t.true(lost >= 10, String(lost));
  t.deepEqual(
    drops.map(({reason}) => reason),
    ['neighbour unresolved'],
  );
});

test('a VM that was off knows nothing of its connections: they are reset, and made again', t => {
  const faults = ['off: {break: chassis, of: cn2, at: 10s, for: 5s}'];
  const text = neutronText('{}', {traffic: ['flow: {from: vm1, to: vm2, protocol: tcp, every: 100ms}'], faults});
  const world = worldOf(planOf(text));
  world.advance(seconds(16));
  // Nova leaves VMs off when their host is back.
  world.neutron.vm('vm2')?.switch(true);
  world.neutron.chassis[3].addVm(1);
  world.advance(seconds(59));
  const [{connections, delivered}] = world.results();
  t.is(connections?.reset, 1);
  t.is(connections?.opened, 2);
  t.true(delivered > 400, String(delivered));
});

test('after `conntrack -D` of a floating IP that leads elsewhere: TCP is reset, UDP goes to the new VM', t => {
  const sections = {
    traffic: [
      'tcp: {from: near, to: 10.0.2.100, protocol: tcp, every: 100ms}',
      'udp: {from: near, to: 10.0.2.100, every: 100ms}',
      'late: {from: near, to: 10.0.2.100, protocol: tcp, every: 100ms, start: 20s}',
    ],
    operations: ['swap: {do: associate, floating-ip: 10.0.2.100, vm: vm1, at: 10s}'],
  };
  const world = worldOf(planOf(neutronText('{}', sections)));
  world.advance(seconds(15));
  t.deepEqual(
    world.results().map(({connections, lost}) => [connections?.reset ?? 0, lost]),
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    'who talks to the first VM goes on doing so',
  );
  world.neutron.chassis[0].linux.routers.get(0)!.deleteConnections(parseIpv4('10.0.2.100')!);
  world.advance(seconds(30));
  const [tcp, udp, late] = world.results();
  t.deepEqual([tcp.connections?.reset, tcp.connections?.opened], [1, 2]);
  t.is(udp.lost, 0);
  t.is(late.lost, 0);
});
