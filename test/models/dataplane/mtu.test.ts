import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {FlowResult} from '../../../models/events/results.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

/** VMs with the MTU of Ethernet on a network in tunnels, beside one with the right one. */
const vms = [
  'vm1: {network: front, placement: cn1, mtu: 1500}',
  'vm2: {network: front, placement: cn2}',
  'vm3: {network: front, placement: cn1}',
  'vm4: {network: back, placement: cn2}',
  'vm5: {network: back, placement: cn3}',
];

/** The first packets make the neighbours known, so that no other loss is counted. */
function talk(line: string, options = '{}', sections: Readonly<Record<string, readonly string[]>> = {}): FlowResult {
  const traffic = [`flow: {every: 100ms, count: 20, ${line}}`];
  const results = [true, false].map(skipping => {
    const world = worldOf(planOf(neutronText(options, {vms, traffic, ...sections})), skipping);
    world.advance(seconds(10));
    return world.results()[0];
  });
  if (JSON.stringify(results[0]) !== JSON.stringify(results[1])) throw new Error('stepped and skipped differ');
  return results[0];
}

const reasons = ({drops}: FlowResult): readonly string[] => drops.map(({reason}) => reason);

test('UDP with DF that is too large for the tunnel is dropped without a word', t => {
  const result = talk('from: vm1, to: vm2, protocol: udp, size: 1440, dont-fragment: true');
  t.deepEqual(reasons(result), ['larger than the mtu']);
  t.is(result.delivered, 0);
  t.is(result.icmpErrors, undefined);
});

test('without DF the bridge cuts it where iptables is called, and drops it where it is not', t => {
  const flow = 'from: vm1, to: vm2, protocol: udp, size: 1440, dont-fragment: false';
  t.is(talk(flow).delivered, 20);
  t.is(talk(flow, '{bridge-nf-call-iptables: false}').delivered, 0);
});

test('with Open vSwitch the bridge of the filters does the same, before a tunnel that cuts nothing', t => {
  const ovs = '{mechanism-driver: openvswitch}';
  const withoutIptables = '{mechanism-driver: openvswitch, bridge-nf-call-iptables: false}';
  const flow = 'from: vm1, to: vm2, protocol: udp, size: 1440';
  t.is(talk(`${flow}, dont-fragment: false`, ovs).delivered, 20);
  t.is(talk(`${flow}, dont-fragment: true`, ovs).delivered, 0);
  const places = [1426, 1427].map(
    size => talk(`from: vm1, to: vm2, size: ${size}, dont-fragment: false`, withoutIptables).drops[0].place,
  );
  t.is(places[0], 'cn1 host', 'four bytes more than 1450 pass the bridge');
  t.regex(places[1], /^cn1 qbr/);
});

test('without iptables a bridge lets four bytes more pass, which the tunnel cuts, or tells of if it may not', t => {
  const options = '{bridge-nf-call-iptables: false}';
  // 1450 are the MTU; 28 are the headers.
  t.is(talk('from: vm1, to: vm2, protocol: udp, size: 1426, dont-fragment: false', options).delivered, 20);
  t.is(talk('from: vm1, to: vm2, protocol: udp, size: 1427, dont-fragment: false', options).delivered, 0);
  const told = talk('from: vm1, to: vm2, protocol: udp, size: 1426, dont-fragment: true', options);
  t.deepEqual([told.delivered, told.icmpErrors], [0, 1], 'the first one is told of, the others are not sent');
});

test('a VM with the MTU of its network sends fragments of what is larger', t => {
  t.is(talk('from: vm3, to: vm2, size: 8000').delivered, 20);
  t.is(talk('from: vm3, to: vm2, size: 8000, dont-fragment: true').delivered, 0);
});

test('a router between 1500 and 1450 asks for fragmentation, and the sender heeds it from then on', t => {
  const result = talk('from: vm4, to: vm2, size: 1440');
  t.deepEqual([result.delivered, result.lost, result.icmpErrors], [19, 1, 1]);
  t.deepEqual(reasons(result), ['larger than the mtu']);
});

test('what the router says finds its way through the translation of a floating IP', t => {
  const result = talk('from: near, to: 10.0.2.100, size: 1440');
  t.deepEqual([result.delivered, result.icmpErrors], [19, 1]);
});

test('a server that is told answers in fragments', t => {
  // The request is small for its way; the answer is as large, and goes by the narrow network first.
  const result = talk('from: vm2, to: vm4, size: 1400', '{}', {
    segments: ['tenants: {kind: provider, mtu: 1400}'],
  });
  t.true(result.delivered >= 18, JSON.stringify(result));
});

test('jumbo frames pass where all carry them', t => {
  const segments = ['tenants: {kind: provider}', 'underlay: {mtu: 9050}'];
  const sections = {segments, vms: vms.map(line => line.replace('mtu: 1500', 'mtu: 9000'))};
  t.is(talk('from: vm1, to: vm2, size: 8972, dont-fragment: true', '{}', sections).delivered, 20);
});

test('TCP heeds what another socket of its host was told of the way', t => {
  const world = worldOf(
    planOf(
      neutronText('{bridge-nf-call-iptables: false}', {
        vms: ['vm1: {network: front, placement: cn1, mtu: 1500}', 'vm2: {network: front, placement: cn2, mtu: 1500}'],
        routers: [],
        hosts: [],
        'floating-ips': [],
        traffic: [
          'tcp: {from: vm1, to: vm2, protocol: tcp, pattern: upload, size: 3000, every: 1s, count: 20}',
          'told: {from: vm1, to: vm2, protocol: udp, size: 1426, dont-fragment: true, start: 5s, count: 1}',
        ],
      }),
    ),
  );
  world.advance(seconds(4));
  t.is(world.results()[0].delivered, 0, 'segments of 1500 are lost in the bridge');
  world.advance(seconds(60));
  const [{sent, delivered}] = world.results();
  t.true(delivered > 0 && delivered >= sent - 12, `${delivered} of ${sent}`);
});
