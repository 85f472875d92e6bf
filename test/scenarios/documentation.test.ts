import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {hostSteps} from '../../models/daemons/host-profile.ts';
import {scenarioJsonSchema} from '../../scenarios/json-schema.ts';
import {quantities} from '../../models/events/quantities.ts';
import {mistakesOf} from './scenario-files.ts';

const reference = readFileSync(join(process.cwd(), 'docs/scenarios.md'), 'utf8');
/** Words of the cloud around an example, in a cloud of Neutron. */
const toNeutron = (text: string): string => text.replace('geneve', 'vxlan').replace(/, gateway-chassis: [^}]*}/, '');
const examples = [...reference.matchAll(/```yaml\n([\s\S]*?)```/g)].map(match => match[1]);

/** What the shorter examples speak of. */
const surroundings: Readonly<Record<string, string>> = {
  chassis: 'chassis: {"gw[1..3]": {role: gateway}, "cn[1..4]": {role: compute}}\n',
  segments: 'segments: {physnet2: {kind: provider, cidr: 10.9.0.0/16}}\n',
  networks:
    'networks: {public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}, ' +
    'private: {type: geneve, cidr: 172.16.100.0/24}, storage: {type: vlan, vlan: 7, segment: physnet2, cidr: 172.16.101.0/24}}\n',
  routers:
    'routers: {r1: {external: {network: public, address: 10.0.2.2}, interfaces: [private], gateway-chassis: {gw1: 1}}}\n',
  vms: 'vms: {"vm[1..10]": {network: private}}\n',
  'floating-ips': 'floating-ips: {10.0.2.100: {vm: vm3}, 10.0.2.200: {vm: vm2}}\n',
  traffic: 'traffic: {snat: {from: vm1, to: outside}, east-west: {from: vm1, to: vm2}}\n',
  faults: 'faults: {underlay: {break: chassis, of: gw1, at: 20s, for: 20s}}\n',
};

function keysOf(node: unknown): readonly string[] {
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...keysOf(value),
  ]);
}

test('the reference names every key of the schema', t => {
  const missing = keysOf(scenarioJsonSchema()).filter(
    key => !reference.includes(`\`${key}\``) && !reference.includes(`## ${key}\n`),
  );
  t.deepEqual(missing, []);
});

test('the reference names every step of a host, every quantity and every kind of fault', t => {
  const schema = JSON.stringify(scenarioJsonSchema());
  const kinds = [...schema.matchAll(/"const":"([^"]+)"/g)].map(match => match[1]);
  t.true(kinds.length > 5);
  for (const word of [...hostSteps, ...kinds, ...quantities.map(({name}) => name)]) {
    t.true(reference.includes(`\`${word}\``), word);
  }
});

test('the examples of the reference have no mistakes', t => {
  t.true(examples.length > 10);
  for (const example of examples) {
    const isWhole = example.startsWith('name:');
    const around = Object.entries(surroundings).filter(([section]) => !new RegExp(`^${section}:`, 'm').test(example));
    const parts = around.map(([, part]) => (/^neutron:/m.test(example) ? toNeutron(part) : part));
    const text = isWhole ? example : `name: a\nduration: 60s\n${parts.join('')}${example}`;
    t.deepEqual(mistakesOf(text), [], text);
  }
});
