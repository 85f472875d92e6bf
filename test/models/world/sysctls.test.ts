import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const nothingElse = {routers: [], hosts: [], 'floating-ips': []};

function cloudOf(options: string, sysctls: string, sections: Readonly<Record<string, readonly string[]>>): string {
  return `${neutronText(options, {...nothingElse, ...sections}, '300s')}sysctls: {${sysctls}}\n`;
}

function run(text: string, until: number): World {
  const [counted, stepped] = [true, false].map(skipping => {
    const world = worldOf(planOf(text), skipping);
    world.advance(seconds(until));
    return world;
  });
  const told = (world: World) => JSON.stringify([world.results(), world.ground.counters.list(), world.journal.entries]);
  if (told(counted) !== told(stepped)) throw new Error('stepped and skipped differ');
  return counted;
}

const counter = (world: World, owner: string, name: string) =>
  world.ground.counters.list().find(row => row.owner === owner && row.name === name)?.value ?? 0;

test('a VM knows as many neighbours as its kernel has room for, and what it drops for that is told', t => {
  const text = cloudOf('{}', 'vms: {gc-thresh2: 3, gc-thresh3: 6}', {
    vms: ['monitor: {network: front, placement: cn1}', '"web[1..9]": {network: front, placement: cn2}'],
    traffic: ['poll: {from: monitor, to: "web[1..9]", every: 2s, count: 2}'],
  });
  const world = run(text, 20);
  const lost = world.results().map(({drops}) => drops.map(({reason, packets}) => `${packets} ${reason}`).join());
  t.deepEqual(lost.slice(0, 6), ['', '', '', '', '', '']);
  t.deepEqual(
    lost.slice(6),
    Array.from({length: 3}, () => '2 neighbour table full'),
  );
  t.is(counter(world, 'monitor', 'neighbours refused'), 6);
  t.is(counter(world, 'monitor', 'neighbours evicted'), 0);
  const overflows = world.journal.entries.filter(({kind}) => kind === 'neighbour table overflow');
  t.is(overflows.length, 1, 'not more often than every 5 s');
});

test('addresses for which a VXLAN device answers let the periodic work collect what is stale', t => {
  const sections = {
    vms: ['"vm[1..9]": {network: front, placement: [cn1, cn2]}'],
    traffic: ['ping: {from: vm1, to: 172.16.100.1, protocol: icmp-echo, count: 1}'],
    routers: ['r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front], agent: gw1}'],
  };
  const stale = (options: string) => {
    const world = run(cloudOf(options, 'chassis: {gc-thresh1: 10}', sections), 150);
    const {linux} = world.neutron.chassis.find(({name}) => name === 'gw1')!;
    const devices = [...linux.routers.values()].flatMap(({namespace}) => [...namespace.interfaces.values()]);
    return devices.flatMap(device => [...device.neighbours()]).filter(({state}) => state === 'stale').length;
  };
  t.is(stale('{}'), 1);
  t.is(stale('{arp-responder: true}'), 0);
});

test('a chassis that has its power back announces its endpoint if it is told so', t => {
  const announced = (sysctls: string) => {
    const sections = {vms: [], traffic: [], faults: ['power: {break: chassis, of: cn1, at: 5s, for: 5s}']};
    return counter(run(cloudOf('{}', sysctls, sections), 11), 'cn1 host underlay', 'arp requests sent');
  };
  t.is(announced('chassis: {}'), 0);
  t.is(announced('chassis: {arp-notify: true}'), 1);
});
