import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';

/** VMs on every type of network talk to each other, to floating addresses from inside, and to the outside. */
const sections = {
  networks: [
    'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
    'front: {type: vlan, vlan: 100, cidr: 172.16.100.0/24}',
    'back: {type: geneve, cidr: 172.16.101.0/24}',
  ],
  vms: [
    'out[1..2]: {network: public, placement: spread}',
    'vm[1..4]: {network: front, placement: spread}',
    'vm[5..8]: {network: back, placement: spread}',
  ],
  'floating-ips': [
    '10.0.2.101: {vm: vm1}',
    '10.0.2.102: {vm: vm2, distributed: true}',
    '10.0.2.105: {vm: vm5}',
    '10.0.2.106: {vm: vm6, distributed: true}',
    '10.0.2.108: {vm: vm8, distributed: true}',
  ],
  traffic: [
    'floating: {from: all vms, to: [10.0.2.101, 10.0.2.102, 10.0.2.105, 10.0.2.106, 10.0.2.108], every: 50ms}',
    'inside: {from: ["vm[1..8]"], to: ["vm[1..8]"], every: 70ms}',
    'wire: {from: ["out[1..2]", near, outside], to: ["out[1..2]"], every: 70ms}',
    'out: {from: ["vm[1..8]"], to: [near, outside, out1], every: 70ms, protocol: icmp-echo}',
  ],
};

const faults = [
  'cut: {break: link, of: active gateway of r1, nic: underlay, at: 5s, for: 5s}',
  'unplugged: {break: link, of: cn1, nic: provider, at: 14s, for: 3s}',
  'dead: {break: ovs-vswitchd, of: cn2, at: 20s, for: 2s}',
];

test('where nothing breaks nothing is lost, whoever talks to whom', t => {
  const world = worldOf(planOf(cloudText({sections})));
  world.advance(seconds(10));
  const losers = world.results().filter(({lost}) => lost > 0);
  t.deepEqual(
    losers.map(({name, lost, drops}) => ({name, lost, drops})),
    [],
  );
});

test('packet by packet or counted, all of it fares the same when things break', t => {
  const plan = planOf(cloudText({sections: {...sections, faults}, duration: '30s'}));
  const [stepped, skipped] = [false, true].map(skipping => {
    const world = worldOf(plan, skipping);
    world.advance(seconds(30));
    return {results: world.results(), entries: world.journal.entries};
  });
  t.deepEqual(skipped, stepped);
});
