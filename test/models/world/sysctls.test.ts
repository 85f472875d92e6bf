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

/** A pair of routers on a LAN, of which the master loses its link and the other announces the address. */
function pairWith(sysctls: string): string {
  const router = (number: number, state: string) => `
  r${number}:
    interfaces: {lan0: {lan: lan, address: 10.0.0.1${number}}}
    keepalived: {vrrp-instance: {VI_1: {state: ${state}, interface: lan0, virtual-router-id: 51, priority: ${150 - number}, virtual-ipaddress: [10.0.0.1/24]}}}`;
  return `name: pair
duration: 60s
lans: {lan: {cidr: 10.0.0.0/24}}
machines:${router(1, 'MASTER')}${router(2, 'BACKUP')}
  client: {interfaces: {eth0: {lan: lan, address: 10.0.0.100}}, sysctls: {${sysctls}}}
traffic:
  ping: {from: client, to: 10.0.0.1, protocol: icmp-echo, every: 10ms}
faults:
  link: {break: link, of: r1, nic: lan0, at: 10s}
`;
}

test('a machine on a LAN may be deaf to announcements, and then finds a new master by its own probes', t => {
  const lost = (sysctls: string) => run(pairWith(sysctls), 50).results()[0].lost;
  t.true(lost('') < 370);
  const deaf = lost('drop-gratuitous-arp: true, base-reachable-time: 4s, delay-first-probe-time: 2s');
  // Takeover, or what is left of a life of 2 to 6 s, then 2 s of delay and 3 s of probe, with the lateness of timers.
  t.true(deaf > 500 && deaf < 1_200, `${deaf}`);
});
