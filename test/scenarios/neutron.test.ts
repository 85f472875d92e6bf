import test from 'ava';
import {neutronDefaults} from '../../models/control/neutron/settings.ts';
import {never} from '../../engine/time.ts';
import {formatIpv4, parseIpv4} from '../../models/wire/ipv4.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {neutronText} from '../support/neutron-clouds.ts';
import {haNetworkDefaults} from '../support/neutron-lab.ts';
import {goodScenarios, mistakesOf, scenarioOf, smallCloud} from './scenario-files.ts';

const text = goodScenarios.get('neutron')!;
const plan = () => makePlan(scenarioOf(text), 1);

/** The small cloud as one of Neutron. */
const smallNeutron = smallCloud
  .replace('chassis:', 'neutron: {}\nchassis:')
  .replace('geneve', 'vxlan')
  .replace(/ *gateway-chassis.*\n/, '');

test('a cloud without the section is one of OVN', t => {
  t.is(scenarioOf(smallCloud).neutron, undefined);
  t.is(makePlan(scenarioOf(smallCloud), 1).neutron, undefined);
  t.is(scenarioOf(smallCloud).routers[0].control, 'ovn');
});

test('an empty section makes a cloud of Neutron with its own defaults', t => {
  const scenario = scenarioOf(smallNeutron);
  t.is(scenario.routers[0].control, 'neutron');
  t.deepEqual(scenario.routers[0].gatewayChassis, []);
  t.deepEqual(makePlan(scenario, 1).neutron, {
    ...{...neutronDefaults, ...haNetworkDefaults, vxlanGroup: parseIpv4('224.0.0.1')!},
    bridgeNfCallIptables: true,
  });
});

test('every option reaches the plan', t => {
  t.deepEqual(plan().neutron, {
    mechanismDriver: 'openvswitch',
    ...{l2Population: false, arpResponder: false, vxlanGroup: parseIpv4('239.1.1.1')!},
    bridgeNfCallIptables: true,
    ...{release: 'epoxy', maxL3AgentsPerRouter: 2, checkChildProcessesInterval: 30_000_000},
    ...{haVrrpAdvertInt: 1_000_000, haVrrpHealthCheckInterval: 5_000_000},
    ...{haConntrackdEnabled: true, haConntrackdHashlimit: 65_536},
    ...{l3HaNetCidr: {address: parseIpv4('169.254.128.0')!, length: 18}, l3HaNetworkType: 'vlan'},
    ...{l3HaNetworkPhysicalName: 'physnet2'},
    ...{reportInterval: 7_500_000, agentDownTime: 20_000_000, allowAutomaticL3AgentFailover: true},
    ...{rpcWorkers: 4, rpcStateReportWorkers: 2, rpcResponseTimeout: 30_000_000, pollingInterval: 1_000_000},
    ...{rpcResponseMaxTimeout: 300_000_000, periodicInterval: 50_000_000, periodicFuzzyDelay: 0},
    ...{heartbeatTimeoutThreshold: 30_000_000, heartbeatRate: 2},
    ...{dhcpAgentsPerNetwork: 2, allowAutomaticDhcpFailover: false, dhcpLeaseDuration: never},
    ...{resyncThrottle: 2_000_000, enableIsolatedMetadata: true, forceMetadata: true},
  });
});

test('sysctls reach the plan by classes of machines, and what is left out stays as Linux has it', t => {
  t.deepEqual(plan().sysctls, {
    chassis: {gcThresh1: 100, gcThresh2: 200, gcThresh3: 300, arpAccept: 2, unresQlenBytes: 1000},
    vms: {
      ...{baseReachableTime: 20_000_000, delayFirstProbeTime: 2_000_000, retransTime: 500_000},
      ...{mcastSolicit: 2, ucastSolicit: 1},
    },
    hosts: {
      ...{locktime: 0, gcStaleTime: 10_000_000, arpNotify: true},
      ...{dropGratuitousArp: true, arpEvictNocarrier: false},
    },
  });
  t.deepEqual(makePlan(scenarioOf(smallNeutron), 1).sysctls, {chassis: {}, vms: {}, hosts: {}});
  t.regex(mistakesOf(`${smallCloud}sysctls: {chassis: {gc-thresh3: 9}}\n`)[0], /of OVN are too few to be counted/);
});

test('VXLAN and GRE networks are numbered from 1 on, each kind for itself, and numbers of the file are left out', t => {
  t.deepEqual(
    plan().networks.map(({name, type, vni}) => [name, type, vni]),
    [
      ['public', 'vlan', undefined],
      ['private', 'vxlan', 2],
      ['chosen', 'vxlan', 1],
      ['storage', 'vlan', undefined],
      ['bare', 'flat', undefined],
      ['last', 'vxlan', 3],
      ['keyed', 'gre', 1],
      ['next', 'gre', 2],
      ['lab', 'vlan', undefined],
    ],
  );
});

test('VLAN networks without a tag get the next free one of the ranges of their segment', t => {
  const network = (name: string, more = '') =>
    `  ${name}: {type: vlan, segment: lab, cidr: 10.${name.length}.0.0/24${more}}`;
  const cloud = (...networks: string[]) =>
    [
      'name: a\nduration: 60s\nneutron: {}\nchassis: {gw1: {role: gateway}}',
      'segments: {lab: {kind: provider, vlan-ranges: [5..6, 9]}}\nnetworks:',
      ...networks,
      '',
    ].join('\n');
  const three = [network('a'), network('bb', ', vlan: 5'), network('ccc')];
  t.deepEqual(
    scenarioOf(cloud(...three)).networks.map(({vlan}) => vlan),
    [6, 5, 9],
  );
  t.regex(mistakesOf(cloud(...three, network('dddd')))[0], /lab has no tag left for dddd: 5..6, 9/);
});

test('a router is on the agent that the file names, or left to the scheduler', t => {
  t.deepEqual(
    plan().routers.map(({name, agent, gateways, snat}) => [name, agent, gateways, snat]),
    [
      ['r1', 'net2', [], ['private', 'storage']],
      ['r2', undefined, [], []],
      ['r3', undefined, [], []],
    ],
  );
});

test('networks have DHCP where there is a gateway, unless they are external or the file says no', t => {
  const addresses = plan().networks.map(({name, dhcp}) => [name, dhcp.map(formatIpv4)]);
  t.deepEqual(addresses, [
    ['public', []],
    ['private', ['172.16.100.2', '172.16.100.3']],
    ['chosen', ['172.16.101.2', '172.16.101.3']],
    ['storage', ['172.16.102.2', '172.16.102.3']],
    ['bare', ['172.16.103.2', '172.16.103.3']],
    ['last', ['172.16.104.2', '172.16.104.3']],
    ['keyed', ['172.16.105.2', '172.16.105.3']],
    ['next', ['172.16.106.2', '172.16.106.3']],
    ['lab', []],
  ]);
  const withoutGateway = 'name: a\nduration: 1s\nneutron: {}\nchassis: {cn1: {role: compute}}\n';
  const network = 'networks: {private: {type: vxlan, cidr: 10.0.0.0/24}}\n';
  t.deepEqual(makePlan(scenarioOf(withoutGateway + network), 1).networks[0].dhcp, []);
});

test('VMs ask for their addresses where somebody answers, or where the file says so', t => {
  const {vms, hosts} = plan();
  const ways = vms.map(({name, addressing}) => [name, addressing]);
  t.deepEqual(ways.slice(3), [
    ['vm4', 'dhcp'],
    ['vm5', 'dhcp'],
    ['vm6', 'static'],
    ['vm7', 'dhcp'],
    ['vm8', 'static'],
  ]);
  t.like(vms.find(({name}) => name === 'vm8')?.servesDhcp, {broadcasts: false, ping: true, router: undefined});
  t.like(hosts.find(({name}) => name === 'rogue')?.servesDhcp, {broadcasts: true, ping: false, leaseTime: never});
});

test('ports of a segment carry all VLANs and every MAC unless the file says which', t => {
  const ports = plan().segments.map(({name, trunk, knownMacsOnly}) => [name, trunk, knownMacsOnly]);
  t.deepEqual(ports, [
    ['underlay', undefined, false],
    ['management', undefined, false],
    [
      'provider',
      [
        [1001, 2000],
        [7, 7],
      ],
      false,
    ],
    ['physnet2', undefined, true],
  ]);
});

test('faults of Neutron are read', t => {
  const {faults} = scenarioOf(text);
  const breakages = new Map(faults.map(({name, breakage}) => [name, breakage]));
  t.deepEqual(breakages.get('l2'), {kind: 'daemon', daemon: 'neutron-openvswitch-agent', how: 'restart'});
  t.deepEqual(breakages.get('l3'), {kind: 'daemon', daemon: 'neutron-l3-agent', how: 'kill'});
  t.deepEqual(breakages.get('server'), {kind: 'daemon', daemon: 'neutron-server', how: 'hang'});
  t.deepEqual(breakages.get('bus'), {kind: 'daemon', daemon: 'rabbitmq-server', how: 'stop'});
  t.deepEqual(breakages.get('cut'), {kind: 'bus', how: 'silent'});
  t.deepEqual(breakages.get('reset'), {kind: 'bus', how: 'noticed'});
  t.deepEqual(faults.find(({name}) => name === 'server')?.targets, [{kind: 'chassis', name: 'central'}]);
});

test('an option of Neutron may stand without its section, but makes no cloud of Neutron', t => {
  t.is(scenarioOf(smallNeutron, ['polling-interval=5s']).neutron?.['polling-interval'], 5_000_000);
  t.is(scenarioOf(smallNeutron, ['neutron.rpc-workers=3']).neutron?.['rpc-workers'], 3);
  t.deepEqual(mistakesOf(smallCloud, ['polling-interval=5s']), [
    '1:1 "polling-interval" belongs to the section "neutron", which the file does not have. Write neutron.polling-interval to make it',
  ]);
  t.deepEqual(mistakesOf(smallNeutron, ['bfd-mult=5']), [
    '1:1 "ovn" has no meaning here: the section "neutron" makes this cloud one of Neutron. Leave one of the two out',
  ]);
});

test('a mistake in the section hides no others and makes no new ones', t => {
  for (const section of ['5', '[]', '{rpc-workers: 0}']) {
    t.is(mistakesOf(smallNeutron.replace('neutron: {}', `neutron: ${section}`)).length, 1, section);
  }
  t.is(mistakesOf(smallNeutron.replace('gw[1..3]: {role: gateway}', 'gw[1..3]: {role: gatway}')).length, 1);
});

test('a VLAN network that no port carries is a warning', t => {
  const file = text.replace('trunk: [1001..2000, 7]', 'trunk: [1002..2000, 7]');
  const reading = readScenario(file, 'a.yaml');
  const warnings = 'warnings' in reading ? reading.warnings.map(({message}) => message) : [];
  t.true(warnings.includes('no port of provider carries VLAN 1001, so nothing of storage leaves its chassis'));
});

const warningsUnder = (options: string): readonly string[] => {
  const reading = readScenario(neutronText(options), 'a.yaml');
  return 'warnings' in reading ? reading.warnings.map(({message}) => message) : ['not read'];
};

test('Linux bridges in a release that has none are warned of, and nothing else is', t => {
  t.deepEqual(warningsUnder('{release: dalmatian}'), []);
  t.deepEqual(warningsUnder('{release: epoxy, mechanism-driver: openvswitch}'), []);
  t.deepEqual(warningsUnder('{release: epoxy}'), [
    'Neutron has no Linux bridge agent in epoxy: write mechanism-driver: openvswitch',
  ]);
});

test('options that change nothing in a cloud, or contradict each other, are warned of', t => {
  const idle = (options: string): string | undefined => warningsUnder(options).at(0)?.split(':')[0];
  t.is(idle('{vxlan-group: 239.1.1.1}'), 'vxlan-group changes nothing here');
  t.is(idle('{vxlan-group: 239.1.1.1, mechanism-driver: openvswitch}'), 'vxlan-group changes nothing here');
  t.is(idle('{vxlan-group: 239.1.1.1, l2-population: false}'), undefined);
  t.is(idle('{arp-responder: true, l2-population: false}'), 'arp-responder changes nothing here');
  t.is(idle('{arp-responder: true}'), undefined);
  t.is(idle('{ha-vrrp-advert-int: 1s}'), 'ha-vrrp-advert-int changes nothing here');
  t.is(idle('{report-interval: 40s}'), 'agents that live may count as down');
  t.is(idle('{report-interval: 40s, agent-down-time: 80s}'), undefined);
});

test('of a section that stands twice both parts are read: names of both are known, and mistakes of both told', t => {
  const vms = 'vms: {vm1: {network: nowhere}}\nvms: {vm2: {network: private}}\n';
  const twice = `${smallNeutron}${vms}traffic: {t: {from: vm1, to: vm2}}\n`;
  const mistakes = mistakesOf(twice);
  t.is(mistakes.length, 2, mistakes.join('\n'));
  t.true(mistakes.some(mistake => mistake.includes('"vms" stands here twice')));
  t.true(mistakes.some(mistake => mistake.includes('network "nowhere" does not exist')));
});
