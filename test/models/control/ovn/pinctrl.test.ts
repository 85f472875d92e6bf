import test from 'ava';
import {seconds, toSeconds} from '../../../../engine/time.ts';
import {formatIpv4} from '../../../../models/wire/ipv4.ts';
import type {World} from '../../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../../support/clouds.ts';

/** The small cloud with a fault; cn2 has the distributed address 10.0.2.200, gw1 is the gateway. */
function worldWith(fault: string): World {
  return worldOf(planOf(cloudText({sections: {faults: [fault]}})));
}

/** What is announced up to `until`: who, which address, the how manieth time. */
function announced(world: World, until: number): readonly string[] {
  const lines: string[] = [];
  world.journal.listen(({at, kind, detail}) => {
    if (kind !== 'address announced') return;
    const {chassis, address, round} = detail as {chassis: string; address: number; round: number};
    lines.push(`${Math.floor(toSeconds(at))} ${chassis} ${formatIpv4(address)} ${round}`);
  });
  world.advance(until);
  return lines;
}

function sentOutside(world: World, chassis: string): number {
  const {counters} = world.ground;
  return counters.value(counters.of(chassis, 'provider packets sent'));
}

test('after a long quiet time nothing is announced', t => {
  t.deepEqual(announced(worldWith('none: {break: ovn-northd, how: restart, at: 5s}'), seconds(50)), []);
});

test('a gateway whose ovn-controller starts again announces its central addresses and no distributed ones', t => {
  const world = worldWith('again: {break: ovn-controller, how: restart, of: gw1, at: 10s}');
  t.deepEqual(announced(world, seconds(13)), ['11 gw1 10.0.2.100 1', '11 gw1 10.0.2.2 1']);
  t.is(sentOutside(world, 'gw1'), 2);
});

test('a compute whose ovn-controller starts again announces the distributed addresses of its VMs by its own card', t => {
  const world = worldWith('again: {break: ovn-controller, how: restart, of: cn2, at: 10s}');
  t.deepEqual(announced(world, seconds(55)), [
    '11 cn2 10.0.2.200 1',
    '13 cn2 10.0.2.200 2',
    '17 cn2 10.0.2.200 3',
    '25 cn2 10.0.2.200 4',
    '41 cn2 10.0.2.200 5',
  ]);
  t.is(sentOutside(world, 'cn2'), 5);
  t.is(sentOutside(world, 'gw1'), 0);
});

test('a compute without such VMs announces nothing', t => {
  t.deepEqual(announced(worldWith('again: {break: ovn-controller, how: restart, of: cn1, at: 10s}'), seconds(55)), []);
});

test('a compute that comes back without its VMs does not announce their addresses', t => {
  t.deepEqual(announced(worldWith('crash: {break: chassis, of: cn2, at: 10s, for: 10s}'), seconds(55)), []);
});

test('a gateway failover announces central addresses at the new gateway and no distributed ones', t => {
  const lines = announced(worldWith('crash: {break: chassis, of: gw1, at: 10s}'), seconds(15));
  t.deepEqual(
    lines.map(line => line.split(' ').slice(1).join(' ')),
    ['gw2 10.0.2.100 1', 'gw2 10.0.2.2 1'],
  );
});
