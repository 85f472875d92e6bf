import test from 'ava';
import {mistakesOf, scenarioOf, smallCloud} from './scenario-files.ts';

const cloud = `${smallCloud}vms:
  vm[1..2]: {network: private}
floating-ips:
  10.0.2.100: {vm: vm1}
faults:
  down: {break: chassis, of: gw1, at: 20s, for: 5s}
expect:
  - convergence.max < 3s
`;

test('a setting counts more than the file', t => {
  const scenario = scenarioOf(cloud, ['faults.down.for=10s', 'duration=90s']);
  t.deepEqual(scenario.faults[0].lasts, {base: 10_000_000, random: 0});
  t.is(scenario.duration, 90_000_000);
});

test('an option of OVN may stand without its section', t => {
  t.is(scenarioOf(cloud, ['bfd-mult=5']).ovn['bfd-mult'], 5);
  t.is(scenarioOf(cloud, ['ovn.bfd-mult=5']).ovn['bfd-mult'], 5);
  t.is(scenarioOf(`${cloud}ovn: {bfd-mult: 4}\n`, ['bfd-min-rx=200ms']).ovn['bfd-mult'], 4);
});

test('an option that is misspelt is told with the one that is meant, also where its section is left out', t => {
  t.deepEqual(mistakesOf(cloud, ['bfd-mlt=3']), ['1:1 unknown key "bfd-mlt". Did you mean "bfd-mult"?']);
});

test('of two settings for the same path the later counts', t => {
  t.is(scenarioOf(cloud, ['bfd-mult=5', 'bfd-mult=7']).ovn['bfd-mult'], 7);
});

test('keys may hold dots', t => {
  const scenario = scenarioOf(cloud, [
    'chassis.gw[1..3].host=busy',
    'floating-ips.10.0.2.100.vm=vm2',
    'floating-ips.10.0.2.101={vm: vm1, distributed: true}',
    'chassis.ed[1..2]={role: compute}',
  ]);
  t.is(scenario.chassis[0].host.base, 'busy');
  t.deepEqual(
    scenario.floatingIps.map(({vm}) => vm),
    ['vm2', 'vm1'],
  );
  t.true(scenario.chassis.some(({name}) => name === 'ed2'));
});

test('values are YAML', t => {
  const scenario = scenarioOf(cloud, ['host={base: busy, timer: 1ms..2ms}', 'routers.r1.snat=[]', 'expect=[]']);
  t.deepEqual([...scenario.host.steps], [['timer', [1_000, 2_000]]]);
  t.deepEqual(scenario.routers[0].snat, []);
  t.deepEqual(scenario.expectations, []);
});

test('items of lists have numbers, and the next one may be added', t => {
  const scenario = scenarioOf(cloud, [
    'expect.0=convergence.max < 4s',
    'expect.1=outage.max < 4s',
    'routers.r1.routes.0={prefix: 10.5.0.0/16, next-hop: 10.0.2.7}',
  ]);
  t.deepEqual(
    scenario.expectations.map(({value}) => value),
    [4_000, 4_000],
  );
  t.is(scenario.routers[0].routes.length, 2);
});

test('sections and segments that are not in the file are made', t => {
  const scenario = scenarioOf(cloud, ['segments.underlay.latency=1ms', 'vms.vm9={network: private}']);
  t.is(scenario.segments.find(({name}) => name === 'underlay')?.latency, 1_000);
  t.is(scenario.vms.at(-1)?.name, 'vm9');
});

test('a wrong setting is a mistake with its number and column', t => {
  t.deepEqual(
    mistakesOf(cloud, [
      'bfd-mult=500',
      'faults.dwon.for=10s',
      'faults.down.for=10',
      'name.x=1',
      'no setting',
      'bfd-mult=',
      'expect.5=x',
      'chassis.gw[1..3].host=bussy',
      'faluts.x=1',
      'host={',
    ]),
    [
      '1:10 "500" is not a whole number from 1 to 255',
      '2:8 there is no "dwon" in faults. Did you mean "down"?',
      '3:17 "10" needs a unit: 10ms, 10s?',
      '4:6 name is a single value and has no "x"',
      '5:1 "no setting" is not a setting. Write it as path=value, such as ovn.bfd-mult=5',
      '6:1 "bfd-mult=" has no value',
      '7:8 "5" is not the number of an item of expect: 0 to 1',
      '8:23 "bussy" is not known here. Did you mean "busy"?',
      '9:1 unknown key "faluts". Did you mean "faults"?',
      '10:7 a "{" or "[" before this is not closed, or its lines are not indented',
    ],
  );
});

test('any path at all gives a scenario or mistakes', t => {
  const paths = [
    '.',
    '..',
    'a..b',
    '.a',
    'faults.',
    'faults..at',
    'expect.0.0',
    '[',
    '[.',
    ']',
    '1.2.3.4',
    'expect.99999999',
  ];
  for (const path of [...paths, 'a.'.repeat(100_000), '['.repeat(100_000), '[.'.repeat(10_000), 'x'.repeat(100_000)]) {
    for (const value of ['1', '{}', '[', '*a', '&a 1', '!!set {a}', '"'])
      t.true(mistakesOf(cloud, [`${path}=${value}`]).length > 0);
  }
});
