import test from 'ava';
import {mistakesOf} from './scenario-files.ts';

/** A cloud with so many highly available routers on so many network nodes. */
function cloud(neutron: string, {nodes = 2, routers = 1, more = ''} = {}): string {
  const names = Array.from({length: routers}, (_, index) => index + 1);
  return [
    'name: a',
    'duration: 60s',
    `neutron: ${neutron}`,
    `chassis: {'gw[1..${nodes}]': {role: gateway}, cn1: {role: compute}}`,
    `networks: {${names.map(name => `net${name}: {type: vxlan, cidr: 10.${name >> 8}.${name & 255}.0/24}`).join(', ')}}`,
    `routers: {${names.map(name => `r${name}: {ha: true, interfaces: [net${name}]${more}}`).join(', ')}}`,
    'vms: {vm1: {network: net1}, vm2: {network: net1}}',
    'traffic: {inside: {from: vm1, to: vm2}}',
    '',
  ].join('\n');
}

test('a project has 254 highly available routers, and the 255th is refused in the words of Neutron', t => {
  t.deepEqual(mistakesOf(cloud('{}', {routers: 254})), []);
  const said = mistakesOf(cloud('{}', {routers: 255}));
  t.is(said.length, 1);
  t.true(said[0].includes('No more Virtual Router Identifier (VRID) available when creating router r255.'), said[0]);
});

test('l2-population and highly available routers exclude each other in Juno only', t => {
  t.true(mistakesOf(cloud('{release: juno}'))[0]?.includes('exclude each other in juno'));
  t.deepEqual(mistakesOf(cloud('{release: juno, l2-population: false}')), []);
  t.deepEqual(mistakesOf(cloud('{release: newton}')), []);
});

test('until Newton a highly available router needs two agents', t => {
  t.true(
    mistakesOf(cloud('{release: newton}', {nodes: 1}))[0]?.includes('Not enough l3 agents available to ensure HA'),
  );
  t.deepEqual(mistakesOf(cloud('{release: ocata}', {nodes: 1})), []);
});

test('the agents of a router are gateways, each once, and one agent is for a router that is not highly available', t => {
  t.true(mistakesOf(cloud('{}', {more: ', agents: [cn1]'}))[0]?.includes('cn1 is a compute'));
  t.true(mistakesOf(cloud('{}', {more: ', agents: [gw1, gw1]'}))[0]?.includes('gw1 stands here twice'));
  t.true(mistakesOf(cloud('{}', {more: ', agent: gw1'}))[0]?.includes('several agents host r1'));
});

test('conntrackd is there from Epoxy on', t => {
  t.true(mistakesOf(cloud('{ha-conntrackd-enabled: true}'))[0]?.includes('Neutron runs no conntrackd in caracal'));
  t.deepEqual(mistakesOf(cloud('{ha-conntrackd-enabled: true, release: epoxy}')), []);
  const fault = '\nfaults: {f: {break: conntrackd, of: gw1, at: 5s}}';
  t.true(mistakesOf(cloud('{}') + fault)[0]?.includes('conntrackd is not enabled, so there is none'));
});

test('an HA network that is no tunnel needs a provider segment', t => {
  t.true(mistakesOf(cloud('{l3-ha-network-type: vlan}'))[0]?.includes('there is no provider segment provider'));
  t.true(
    mistakesOf(cloud('{l3-ha-network-physical-name: x}'))[0]?.includes('a vxlan network is on no provider segment'),
  );
});
