import {parse} from 'yaml';
import test from 'ava';
import {z} from 'zod';
import {scenarioJsonSchema} from '../../scenarios/json-schema.ts';
import {goodScenarios} from './scenario-files.ts';

type Node = Readonly<Record<string, unknown>>;

const schema = scenarioJsonSchema();
const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

function* propertiesOf(node: Node, path: string): Iterable<readonly [path: string, property: Node]> {
  for (const [key, value] of Object.entries(node)) {
    if (value === null || typeof value !== 'object') continue;
    if (key === 'properties') {
      for (const [name, property] of Object.entries(value as Node)) yield [`${path}.${name}`, property as Node];
    }
    yield* propertiesOf(value as Node, `${path}/${key}`);
  }
}

test('the schema is of draft 2020-12 and allows no other keys', t => {
  t.is(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  const [cloud, lans] = schema.anyOf as readonly Node[];
  for (const kind of [cloud, lans]) {
    t.is(kind.type, 'object');
    t.is(kind.additionalProperties, false);
  }
  t.deepEqual(cloud.required, ['name', 'duration', 'chassis', 'networks']);
  t.deepEqual(lans.required, ['name', 'duration', 'lans', 'machines']);
});

test('the schema is plain JSON and points nowhere', t => {
  t.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  t.false(JSON.stringify(schema).includes('$ref'));
});

test('every key has a description for editors to show', t => {
  const bare = [...propertiesOf(schema, '')].filter(([, property]) => typeof property.description !== 'string');
  t.deepEqual(
    bare.map(([path]) => path),
    [],
  );
});

test('every pattern is a regular expression without flags', t => {
  const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    match => JSON.parse(match[1]) as string,
  );
  t.true(patterns.length > 10);
  for (const pattern of patterns) t.notThrows(() => new RegExp(pattern, 'u'));
});

test('defaults stand in the units of the file', t => {
  const properties = [...propertiesOf(schema, '')];
  const defaultOf = (name: string) => properties.find(([path]) => path.endsWith(`.${name}`))?.[1].default;
  t.is(defaultOf('bfd-min-rx'), '1000ms');
  t.is(defaultOf('latency'), '50us');
  t.is(defaultOf('bfd-mult'), 3);
  t.is(defaultOf('report-interval'), '30s');
  t.is(defaultOf('vxlan-group'), '224.0.0.1');
});

for (const [name, text] of goodScenarios) {
  test(`the schema accepts the scenario "${name}"`, t => {
    const result = validator.safeParse(parse(text));
    t.true(result.success, result.error && z.prettifyError(result.error));
  });
}

test('the schema refuses what an editor should underline', t => {
  const good = parse(goodScenarios.get('gateway')!) as Node;
  for (const change of [
    {duration: 60},
    {durration: '60s'},
    {name: 'Upper Case'},
    {chassis: {gw1: {role: 'gatway'}}},
    {ovn: {'bfd-mult': 300}},
    {neutron: {'rpc-workers': 0}},
    {neutron: {'l2-population': 'yes'}},
    {neutron: {l2population: true}},
    {segments: {provider: {trunk: ['1-7']}}},
    {segments: {provider: {trunk: [4095]}}},
    {faults: {a: {break: 'bus', of: 'gw1', how: 'kill', at: '1s'}}},
    {faults: {a: {break: 'link', of: 'gw1', at: '1s'}}},
    {expect: 'convergence.max < 1s'},
  ]) {
    t.false(validator.safeParse({...good, ...change}).success, JSON.stringify(change));
  }
});
