import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {formatIpv4, parseIpv4} from '../../../models/wire/ipv4.ts';
import type {World} from '../../../models/world/world.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const vms = ['vm1: {network: front, placement: cn1}', 'vm2: {network: front, placement: cn2}'];

function cloudWith(options: string, sections: Readonly<Record<string, readonly string[]>> = {}): World {
  const plain = {vms, traffic: [], 'floating-ips': [], ...sections};
  return worldOf(planOf(neutronText(options, plain, '1000s')));
}

const node = (world: World, name: string) => world.neutron.chassis.find(chassis => chassis.name === name)!;
const front = (world: World) => world.neutron.inventory.networks.find(({name}) => name === 'front')!.number;
const told = (world: World, kind: string) => world.journal.entries.filter(entry => entry.kind === kind);

test('a network has as many servers as agents may serve it, each on a node of its own', t => {
  for (const [options, hosts] of [
    ['{}', ['gw1']],
    ['{dhcp-agents-per-network: 2}', ['gw1', 'gw2']],
    ['{dhcp-agents-per-network: 3}', ['gw1', 'gw2']],
  ] as const) {
    const world = cloudWith(options);
    const there = world.neutron.chassis.filter(({linux}) => linux.isDhcpRunning(front(world)));
    t.deepEqual(
      there.map(({name}) => name),
      hosts,
    );
  }
});

test('a VM that runs has an address, a way out and a route to the metadata service from its lease', t => {
  const {addressing} = cloudWith('{}').neutron.vm('vm1')!;
  t.is(formatIpv4(addressing!.address), '172.16.100.11');
  const ways = addressing!.routes.map(({prefix, via}) => [formatIpv4(prefix.address), prefix.length, formatIpv4(via)]);
  t.deepEqual(ways, [
    ['169.254.169.254', 32, '172.16.100.1'],
    ['0.0.0.0', 0, '172.16.100.1'],
  ]);
});

test('where the agent answers for the metadata service, the way there is by its own address', t => {
  const world = cloudWith('{force-metadata: true}');
  const [metadata] = world.neutron.vm('vm1')!.addressing!.routes;
  t.is(formatIpv4(metadata.via), '172.16.100.2');
  const {dhcp} = node(world, 'gw1').linux;
  t.true(dhcp.get(front(world))!.proxy.runs);
  const [device] = dhcp.get(front(world))!.namespace.interfaces.values();
  t.true(device.addresses.some(({address}) => address === parseIpv4('169.254.169.254')));
});

test('every VM renews its lease in time, each at a moment of its own', t => {
  const world = cloudWith('{dhcp-lease-duration: 120s}', {vms: ['vm[1..8]: {network: front}']});
  world.advance(seconds(300));
  t.is(told(world, 'lease lost').length, 0);
  const ends = node(world, 'gw1')
    .linux.leasesOf(front(world))
    .map(({expiresAt}) => expiresAt);
  t.is(ends.length, 8);
  t.true(
    ends.every(end => end > seconds(300 + 120 / 8 - 2)),
    String(ends),
  );
  t.true(new Set(ends).size > 3);
});

test('dnsmasq goes on without its agent, and ends with its node; its files stay', t => {
  const world = cloudWith('{}');
  const gw1 = node(world, 'gw1');
  gw1.daemons['neutron-dhcp-agent'].kill('test');
  world.advance(seconds(10));
  t.true(gw1.linux.isDhcpRunning(front(world)));
  gw1.crash('test');
  t.false(gw1.linux.isDhcpRunning(front(world)));
  t.true(gw1.linux.dhcpNetworks().includes(front(world)));
});

test('the network of a silent agent goes to another, with its address; the old one gives it up when it is back', t => {
  const world = cloudWith('{report-interval: 2s, agent-down-time: 5s}');
  const [gw1, gw2] = [node(world, 'gw1'), node(world, 'gw2')];
  gw1.daemons['neutron-dhcp-agent'].kill('test');
  world.advance(seconds(60));
  t.true(gw1.linux.isDhcpRunning(front(world)), 'nobody has told it');
  t.is(gw2.linux.dhcp.get(front(world))?.port, gw1.linux.dhcp.get(front(world))?.port);
  gw1.daemons['neutron-dhcp-agent'].release('test');
  world.advance(seconds(120));
  t.false(gw1.linux.isDhcpRunning(front(world)));
  t.true(gw2.linux.isDhcpRunning(front(world)));
});
