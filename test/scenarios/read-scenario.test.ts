import test from 'ava';
import {formatCidr, formatIpv4, parseIpv4} from '../../models/wire/ipv4.ts';
import {formatMac} from '../../models/wire/mac.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {goodScenarios, mistakesOf, scenarioOf, smallCloud} from './scenario-files.ts';

const everything = () => scenarioOf(goodScenarios.get('everything')!);
const named = <Thing extends {readonly name: string}>(things: readonly Thing[], name: string): Thing => {
  return things.find(thing => thing.name === name)!;
};

for (const [name, text] of goodScenarios) {
  test(`the scenario "${name}" has no mistakes`, t => {
    t.deepEqual(mistakesOf(text), []);
  });
}

test('the example of a gateway that loses its underlay is read whole', t => {
  const scenario = scenarioOf(goodScenarios.get('gateway')!);
  t.is(scenario.duration, 60_000_000);
  t.deepEqual(
    scenario.chassis.map(({name, role}) => `${name} ${role}`),
    ['gw1 gateway', 'gw2 gateway', 'gw3 gateway', 'cn1 compute', 'cn2 compute', 'central controller'],
  );
  t.deepEqual(scenario.routers[0].gatewayChassis, [
    {chassis: 'gw1', priority: 30},
    {chassis: 'gw2', priority: 20},
    {chassis: 'gw3', priority: 10},
  ]);
  t.deepEqual(scenario.faults, [
    {
      name: 'underlay',
      breakage: {kind: 'link', nic: 'underlay'},
      targets: [{kind: 'active gateway', router: 'r1'}],
      at: {base: 20_000_000, random: 1_000_000},
      lasts: {base: 20_000_000, random: 0},
      repeat: undefined,
    },
  ]);
  t.deepEqual(
    scenario.expectations.map(({metric, comparison, value}) => [metric, comparison, value]),
    [
      ['convergence.max', '<', 3_200],
      ['packets_lost.max.snat', '<=', 320],
      ['flows_affected.count.ew', '==', 0],
    ],
  );
});

test('OVN has its own defaults', t => {
  t.deepEqual(scenarioOf(smallCloud).ovn, {
    'bfd-min-rx': 1_000_000,
    'bfd-min-tx': 100_000,
    'bfd-mult': 3,
    'bfd-decay-min-rx': 0,
    'ovn-remote-probe-interval': 5_000_000,
  });
});

test('the segments that every cloud has are there', t => {
  t.deepEqual(
    scenarioOf(smallCloud).segments.map(({name, kind, cidr}) => `${name} ${kind} ${formatCidr(cidr)}`),
    ['underlay underlay 192.168.60.0/24', 'management management 192.168.50.0/24', 'provider provider 10.0.2.0/24'],
  );
});

test('a segment of the file overrides parts of the default', t => {
  const {segments} = everything();
  t.deepEqual(
    segments.map(({name, kind}) => `${name} ${kind}`),
    ['underlay underlay', 'management management', 'provider provider', 'physnet2 provider'],
  );
  t.is(formatCidr(named(segments, 'underlay').cidr), '10.128.0.0/16');
  t.is(named(segments, 'underlay').latency, 20);
  t.is(named(segments, 'management').loss, 0.001);
  t.is(named(segments, 'physnet2').ageing, 60_000_000);
});

test('an underlay of another name takes the place of the default', t => {
  const {segments} = scenarioOf(`${smallCloud}segments: {fabric: {kind: underlay, cidr: 10.1.0.0/16}}\n`);
  t.deepEqual(
    segments.map(({name}) => name),
    ['management', 'provider', 'fabric'],
  );
});

test('a cloud without flat and VLAN networks has no provider segment and no outside', t => {
  const scenario = scenarioOf(
    'name: inner\nduration: 1s\nchassis: {cn1: {role: compute}}\nnetworks: {a: {type: geneve, cidr: 10.0.0.0/24}}\n',
  );
  t.false(scenario.segments.some(({kind}) => kind === 'provider'));
  t.deepEqual(scenario.hosts, []);
});

test('a host has the profile of the scenario unless it has its own', t => {
  const {host, chassis} = everything();
  t.is(host.base, 'busy');
  t.deepEqual(
    [...host.steps],
    [
      ['timer', [100, 2_000]],
      ['flow-install', [5_000, 5_000]],
    ],
  );
  t.is(named(chassis, 'cn01').host, named(chassis, 'cn02').host);
  t.is(named(chassis, 'cn04').host.base, 'busy');
  t.is(named(chassis, 'gw1').host.base, 'quiet');
  t.is(named(chassis, 'edge').host.base, 'real-time');
});

test('a controller of the file is the only one', t => {
  t.deepEqual(
    everything()
      .chassis.filter(({role}) => role === 'controller')
      .map(({name}) => name),
    ['db'],
  );
});

test('at equal priorities the gateway whose name sorts last goes first', t => {
  const {routers} = everything();
  t.deepEqual(
    named(routers, 'r1').gatewayChassis.map(({chassis}) => chassis),
    ['gw2', 'gw1', 'edge'],
  );
  t.deepEqual(
    named(routers, 'r2').gatewayChassis.map(({chassis}) => chassis),
    ['gw2', 'gw1'],
  );
});

test('a router has the first address of a network unless it is given another', t => {
  const [{interfaces}] = everything().routers;
  t.deepEqual(
    interfaces.map(({network, address}) => `${network} ${formatIpv4(address)}`),
    ['private 172.16.100.1', 'storage 172.16.101.254'],
  );
});

test('all inner networks are translated unless the file says which', t => {
  t.deepEqual(scenarioOf(smallCloud).routers[0].snat, ['private']);
  t.deepEqual(named(everything().routers, 'r1').snat, ['private']);
  t.deepEqual(named(everything().routers, 'r2').snat, []);
});

test('the default route leads to the upstream router unless the file has one', t => {
  const [route] = scenarioOf(smallCloud).routers[0].routes;
  t.deepEqual(route, {prefix: {address: 0, length: 0}, nextHop: parseIpv4('10.0.2.1')!, bfd: undefined});
  const [first, second, third, ...more] = named(everything().routers, 'r1').routes;
  t.deepEqual(first.bfd, {minTx: 1_000_000, minRx: 1_000_000, detectMult: 5});
  t.deepEqual(second.bfd, {minTx: 500_000, minRx: 700_000, detectMult: 3});
  t.is(formatIpv4(third.nextHop), '10.0.2.8');
  t.deepEqual(more, []);
  t.deepEqual(named(everything().routers, 'r2').routes, []);
});

test('VMs get addresses in the order of the file and leave out those that are taken', t => {
  const {vms} = everything();
  const addresses = vms
    .filter(({network}) => network === 'private')
    .map(({name, address}) => `${name} ${formatIpv4(address)}`);
  t.deepEqual(addresses, [
    'vm1 172.16.100.11',
    'vm2 172.16.100.13',
    'vm3 172.16.100.14',
    'pinned 172.16.100.12',
    'packed 172.16.100.15',
    'lucky 172.16.100.16',
  ]);
});

test('VMs get MAC addresses from a counter that leaves out those that are taken', t => {
  const text = `${smallCloud}vms:\n  a: {network: private}\n  b: {network: private, mac: 02:00:01:00:00:02}\n  c: {network: private}\n`;
  t.deepEqual(
    scenarioOf(text).vms.map(({mac}) => formatMac(mac)),
    ['02:00:01:00:00:01', '02:00:01:00:00:02', '02:00:01:00:00:03'],
  );
});

test('a million VMs have different addresses', t => {
  // Thirty-two networks: OVN has no numbers for so many ports on one.
  const names = Array.from({length: 32}, (_, index) => `n${index}`);
  const text = [
    'name: many',
    'duration: 60s',
    'chassis: {cn1: {role: compute}}',
    'networks:',
    ...names.map((name, index) => `  ${name}: {type: geneve, cidr: 10.${index}.0.0/16}`),
    'vms:',
    ...names.map(name => `  ${name}vm[1..31250]: {network: ${name}}`),
  ].join('\n');
  const {vms} = scenarioOf(text);
  t.is(vms.length, 1_000_000);
  t.is(new Set(vms.map(({address}) => address)).size, 1_000_000);
  t.is(new Set(vms.map(({mac}) => mac)).size, 1_000_000);
});

test('VMs on every compute are named after both', t => {
  const web = everything().vms.filter(({network}) => network === 'storage');
  t.deepEqual(
    web.map(({name, chassis}) => `${name} ${chassis}`),
    ['cn01', 'cn02', 'cn03', 'cn04', 'edge'].flatMap(host => [`${host}-web1 ${host}`, `${host}-web2 ${host}`]),
  );
});

test('chassis of a list are used in turn, and the plan places the others', t => {
  const {vms} = everything();
  const placeOf = (name: string) => [named(vms, name).chassis, named(vms, name).placement];
  t.deepEqual(
    ['turn1', 'turn2', 'turn3'].map(name => placeOf(name)[0]),
    ['cn01', 'cn02', 'cn01'],
  );
  t.is(placeOf('pinned')[0], 'edge');
  t.deepEqual(placeOf('vm1'), [undefined, 'spread']);
  t.deepEqual(placeOf('packed'), [undefined, 'pack']);
  t.deepEqual(placeOf('lucky'), [undefined, 'random']);
});

test('hosts outside get the last addresses of their network, or addresses far away', t => {
  t.deepEqual(
    everything().hosts.map(({name, address, behindGateway}) => `${name} ${formatIpv4(address)} ${behindGateway}`),
    [
      'near 10.0.2.9 false',
      'peer1 10.9.1.254 false',
      'peer2 10.9.1.253 false',
      'far 203.0.113.10 true',
      'outside 203.0.113.11 true',
    ],
  );
});

test('outside is on the external network if that has no gateway', t => {
  const [outside] = scenarioOf(smallCloud.replace(', gateway: 10.0.2.1', '')).hosts;
  t.like(outside, {name: 'outside', network: 'public', address: parseIpv4('10.0.2.254')!, behindGateway: false});
});

test('an address far away is not one of a network of the cloud', t => {
  const [outside] = scenarioOf(smallCloud.replace('172.16.100.0/24', '203.0.113.0/24')).hosts;
  t.is(formatIpv4(outside.address), '203.0.114.0');
});

test('traffic goes from each of the one side to each of the other', t => {
  const {traffic} = everything();
  t.deepEqual(named(traffic, 'out').from, [
    {kind: 'vm', name: 'vm1'},
    {kind: 'vm', name: 'vm2'},
    {kind: 'vm', name: 'vm3'},
  ]);
  t.deepEqual(named(traffic, 'out').to, [{kind: 'host', name: 'outside'}]);
  t.deepEqual(named(traffic, 'in').to, [
    {kind: 'address', address: parseIpv4('10.0.2.100')!},
    {kind: 'address', address: parseIpv4('10.0.2.200')!},
  ]);
  t.deepEqual(named(traffic, 'any').to, [{kind: 'any vm'}]);
  t.is(named(traffic, 'any').from.length, everything().vms.length);
  const {protocol, every, start, count, limit, port, size} = named(traffic, 'mixed');
  t.deepEqual(
    {protocol, every, start, count, limit, port, size},
    {protocol: 'udp-echo', every: 10_000, start: 0, count: undefined, limit: 1_000_000, port: 9000, size: 64},
  );
});

test('every kind of fault is read', t => {
  const breakages = new Map(everything().faults.map(({name, breakage}) => [name, breakage]));
  t.deepEqual(breakages.get('flap'), {kind: 'link', nic: 'underlay'});
  t.deepEqual(breakages.get('hole'), {kind: 'black-hole', nic: 'provider', direction: 'in'});
  t.deepEqual(breakages.get('half'), {kind: 'black-hole', nic: 'provider', direction: 'out'});
  t.deepEqual(breakages.get('rule'), {
    kind: 'drop',
    nic: 'all',
    direction: 'both',
    match: {protocol: 'udp', port: 6081},
  });
  t.deepEqual(breakages.get('lossy'), {kind: 'loss', nic: 'underlay', direction: 'both', rate: 0.125});
  t.deepEqual(breakages.get('slow'), {
    kind: 'latency',
    nic: 'management',
    direction: 'both',
    add: 10_000,
    jitter: 1_000,
  });
  t.deepEqual(breakages.get('crash'), {kind: 'chassis'});
  t.deepEqual(breakages.get('switchd'), {kind: 'daemon', daemon: 'ovs-vswitchd', how: 'kill'});
  t.deepEqual(breakages.get('controller'), {kind: 'daemon', daemon: 'ovn-controller', how: 'restart'});
  t.deepEqual(breakages.get('northd'), {kind: 'daemon', daemon: 'ovn-northd', how: 'hang'});
  t.deepEqual(breakages.get('database'), {kind: 'daemon', daemon: 'ovsdb-server-sb', how: 'kill'});
  t.deepEqual(breakages.get('cut'), {kind: 'southbound', how: 'silent'});
});

test('every kind of target is read', t => {
  const targets = new Map(everything().faults.map(fault => [fault.name, fault.targets]));
  t.deepEqual(targets.get('flap'), [{kind: 'chassis', name: 'gw1'}]);
  t.deepEqual(targets.get('hole'), [
    {kind: 'chassis', name: 'cn01'},
    {kind: 'chassis', name: 'cn02'},
  ]);
  t.deepEqual(targets.get('half'), [{kind: 'host', name: 'near'}]);
  t.deepEqual(targets.get('rule'), [
    {kind: 'chassis', name: 'gw1'},
    {kind: 'active gateway', router: 'r2'},
  ]);
  t.deepEqual(targets.get('lossy'), [{kind: 'switch'}]);
  t.deepEqual(targets.get('slow'), [{kind: 'all chassis', role: undefined}]);
  t.deepEqual(targets.get('crash'), [{kind: 'standby gateway', router: 'r1', rank: 1}]);
  t.deepEqual(targets.get('second'), [{kind: 'standby gateway', router: 'r1', rank: 2}]);
  t.deepEqual(targets.get('switchd'), [{kind: 'chassis of vm', vm: 'vm1'}]);
  t.deepEqual(targets.get('controller'), [{kind: 'all chassis', role: 'compute'}]);
  t.deepEqual(targets.get('northd'), [{kind: 'chassis', name: 'db'}]);
  t.deepEqual(targets.get('database'), [{kind: 'chassis', name: 'db'}]);
  t.deepEqual(targets.get('cut'), [{kind: 'all chassis', role: 'gateway'}]);
});

test('faults may repeat and last for a time that is drawn', t => {
  const {faults} = everything();
  t.deepEqual(named(faults, 'flap').repeat, {every: 3_000_000, times: 5});
  t.deepEqual(named(faults, 'hole').at, {base: 10_000_000, random: 5_000_000});
  t.deepEqual(named(faults, 'hole').lasts, {base: 1_000_000, random: 1_000_000});
  t.is(named(faults, 'crash').lasts, undefined);
});

test('the values of expectations are in milliseconds or numbers', t => {
  t.deepEqual(
    everything().expectations.map(({comparison, value}) => [comparison, value]),
    [
      ['<', 3_200],
      ['<=', 1_500],
      ['>=', 0],
      ['!=', 1],
      ['>', 1.5],
    ],
  );
});

test('a fault whose end nobody will see is a warning', t => {
  const reading = readScenario(`${smallCloud}faults: {a: {break: chassis, of: gw1, at: 50s, for: 20s}}\n`, 'a.yaml');
  t.true('scenario' in reading);
  t.deepEqual('warnings' in reading && reading.warnings.map(({message}) => message), [
    'a is still in force when the run ends',
  ]);
});

test('the same text gives the same scenario', t => {
  t.deepEqual(everything(), everything());
});

test('a mistake in one place does not hide those in others, nor make up new ones', t => {
  const text = smallCloud.replace('external: true,', 'external: yes,').replace('gw3: 10', 'gw4: 10');
  t.deepEqual(mistakesOf(`${text}vms: {vm1: {network: public}, vm2: {network: publc}}\n`), [
    '7:53 "external" must be true or false, not "yes"',
    '13:41 chassis "gw4" does not exist. Did you mean "gw3"?',
    '14:46 network "publc" does not exist. Did you mean "public"?',
  ]);
});
