import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {ConntrackdProcess} from '../../../models/dataplane/conntrackd/conntrackd-process.ts';
import type {World} from '../../../models/world/world.ts';
import {Run, runPlan} from '../../../scenarios/run.ts';
import {planOf} from '../../support/clouds.ts';
import {Luck} from '../../support/luck.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const options = '{release: epoxy, ha-conntrackd-enabled: true}';

function text(more: Readonly<Record<string, readonly string[]>>, duration: string, neutron = options): string {
  return neutronText(
    neutron,
    {
      chassis: ['gw[1..3]: {role: gateway}', 'cn[1..3]: {role: compute}'],
      routers: ['r1: {ha: true, external: {network: public, address: 10.0.2.2}, interfaces: [front, back]}'],
      traffic: [
        'snat: {from: [vm1, vm5], to: outside, every: 50ms}',
        'late: {from: vm2, to: outside, every: 50ms, start: 10.2s}',
        'tcp: {from: vm1, to: outside, protocol: tcp, pattern: connect, every: 500ms}',
        'fip: {from: outside, to: 10.0.2.100, every: 50ms}',
        'download: {from: outside, to: 10.0.2.101, protocol: tcp, pattern: download, every: 100ms}',
      ],
      ...more,
    },
    duration,
  );
}

function daemonsOf(world: World): readonly (readonly [string, ConntrackdProcess])[] {
  return world.neutron.chassis.flatMap(({name, linux}) =>
    [...linux.routers.values()].flatMap(({replicated}) =>
      replicated?.conntrackd ? [[name, replicated.conntrackd] as const] : [],
    ),
  );
}

/** What each node has in its caches: `gw1 12/0` is an internal one of twelve and an external one of none. */
function caches(world: World): readonly string[] {
  return daemonsOf(world).map(([name, {machine}]) => `${name} ${machine?.internal.size}/${machine?.external.size}`);
}

test('backups are told of every connection of the primary, and of its end', t => {
  const run = new Run(planOf(text({}, '60s')));
  run.advance(seconds(9));
  const {world} = run;
  const [active] = world.neutron.hostsOf('r1');
  const primary = daemonsOf(world).find(([name]) => name === active)![1].machine!;
  for (const [name, {machine}] of daemonsOf(world)) {
    const {external, internal} = machine!;
    if (name === active) continue;
    t.is(internal.size, 0);
    const told = external.list().map(({connection}) => ({...connection, timeout: 0}));
    const known = primary.internal.list().map(({connection}) => ({...connection, timeout: 0}));
    t.true(known.length > 20);
    t.deepEqual(told, known, name);
  }
});

test('a backup that heard nothing for half a second is told again what it missed', t => {
  const faults = [
    'deaf: {break: black-hole, of: standby gateway of r1, nic: underlay, direction: in, at: 10s, for: 500ms}',
  ];
  const run = new Run(planOf(text({faults}, '20s')));
  run.advance(seconds(10.45));
  const sizes = (): readonly number[] =>
    daemonsOf(run.world)
      .map(([, {machine}]) => machine!.external.size)
      .sort((a, b) => a - b);
  const [primary, deaf, other] = sizes();
  t.is(primary, 0);
  t.true(deaf < other, `${caches(run.world)}`);
  run.advance(seconds(11.6));
  const [, second, third] = sizes();
  t.is(second, third);
});

test('a node that returns asks for the connections of the primary, and is told of them', t => {
  const faults = ['crash: {break: chassis, of: active gateway of r1, at: 10s, for: 5s}'];
  const run = new Run(planOf(text({faults}, '60s')));
  run.advance(seconds(55));
  const known = caches(run.world).map(cache => cache.split(' ')[1]);
  t.is(known.length, 3);
  const [size] = known.find(cache => !cache.startsWith('0/'))!.split('/');
  t.deepEqual([...known].sort(), [`0/${size}`, `0/${size}`, `${size}/0`]);
});

const seeds = Number(process.env['SEEDS'] ?? 2);

const breaks = [
  'break: chassis, of: active gateway of r1',
  'break: black-hole, of: active gateway of r1, nic: underlay',
  'break: black-hole, of: gw2, nic: underlay, direction: in',
  'break: link, of: gw1, nic: underlay',
  'break: loss, of: gw3, nic: underlay, rate: 30%',
  'break: neutron-l3-agent, of: gw1, how: kill',
  'break: chassis, of: gw3',
  'break: keepalived, of: active gateway of r1, how: stop',
  'break: conntrackd, of: active gateway of r1, how: kill',
  'break: conntrackd, of: gw2, how: hang',
  'break: conntrackd, of: gw1, how: stop',
  'break: neutron-keepalived-state-change, of: gw3, how: hang',
];

for (let seed = 1; seed <= seeds; seed++) {
  test(`seed ${seed}: connections are told on, and packet by packet or counted comes to the same`, t => {
    const luck = new Luck(`connections ${seed}`);
    const faults = [0, 1, 2].map(number => {
      const at = `${5 + 12 * number}s + random 8s`;
      return `f${number}: {${luck.pick(breaks)}, at: ${at}, for: ${luck.whole(1, 8)}s}`;
    });
    const plan = planOf(text({faults}, '60s'), seed);
    const [stepped, skipped] = [true, false].map(asked => runPlan(plan, {stepped: asked}));
    t.is(skipped.fingerprint, stepped.fingerprint, faults.join('\n'));
    t.true(stepped.counters.some(({name, value}) => name === 'connection messages received' && value > 20));
  });
}
