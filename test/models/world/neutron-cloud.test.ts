import test from 'ava';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import {runPlan} from '../../../scenarios/run.ts';
import {planOf} from '../../support/clouds.ts';
import {Luck} from '../../support/luck.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const ways = {
  'L2 population': '{}',
  'L2 population and its ARP responder': '{arp-responder: true}',
  'one multicast group': '{l2-population: false}',
  'Open vSwitch': '{mechanism-driver: openvswitch}',
  'Open vSwitch that answers ARP': '{mechanism-driver: openvswitch, arp-responder: true}',
  'Open vSwitch that learns': '{mechanism-driver: openvswitch, l2-population: false}',
};

for (const [name, options] of Object.entries(ways)) {
  test(`with ${name} everybody reaches everybody`, t => {
    const {flows} = runPlan(planOf(neutronText(options, {}, '20s')));
    for (const {name: flow, sent, delivered} of flows) t.is(delivered, sent, flow);
  });
}

const seeds = Number(process.env['SEEDS'] ?? 1);

/** Faults of every kind; each strikes at an instant of its own. */
const faults = [
  'break: chassis, of: gw1',
  'break: chassis, of: cn2',
  'break: link, of: cn1, nic: underlay',
  'break: link, of: gw1, nic: provider',
  'break: black-hole, of: gw2, nic: underlay',
  'break: loss, of: cn1, nic: underlay, rate: 10%',
  'break: black-hole, of: gw1, nic: management',
  'break: neutron-l3-agent, of: gw1, how: kill',
  'break: neutron-l3-agent, of: gw1, how: hang',
  'break: neutron-server, how: kill',
  'break: rabbitmq-server, how: kill',
  'break: bus, of: all chassis, how: noticed',
  'break: bus, of: gw1, how: silent',
];

const faultsOf = {
  linuxbridge: [
    'break: neutron-linuxbridge-agent, of: cn1, how: kill',
    'break: neutron-linuxbridge-agent, of: gw1, how: hang',
  ],
  openvswitch: [
    'break: neutron-openvswitch-agent, of: cn1, how: kill',
    'break: neutron-openvswitch-agent, of: cn2, how: stop',
    'break: neutron-openvswitch-agent, of: gw1, how: hang',
    'break: ovs-vswitchd, of: cn1, how: kill',
    'break: ovs-vswitchd, of: gw1, how: kill',
    'break: ovs-vswitchd, of: cn2, how: hang',
  ],
};

/** What operators do meanwhile. */
const operations = [
  'do: associate, floating-ip: 10.0.2.100, vm: vm2',
  'do: associate, floating-ip: 10.0.2.101, vm: vm5',
  'do: disassociate, floating-ip: 10.0.2.100',
  'do: release, floating-ip: 10.0.2.101',
  'do: allocate, vm: vm1',
  'do: reschedule, router: r1, to: gw1',
  'do: reschedule, router: r1, to: gw2',
  'do: remove, router: r1, from: gw1',
  'do: remove, router: r1, from: gw2',
  'do: add, router: r1, to: gw1',
  'do: add, router: r1, to: gw2',
  'do: move, vm: vm1, to: cn2',
  'do: move, vm: vm1, to: cn3',
  'do: move, vm: vm3, to: cn1',
  'do: move, vm: vm4, to: cn1',
  'do: move, vm: vm5, to: cn2',
];

for (let seed = 1; seed <= seeds; seed++) {
  test(`whatever breaks, packet by packet and counted come to the same: seed ${seed}`, t => {
    const luck = new Luck(`neutron faults ${seed}`);
    const mechanism = luck.happens(0.5) ? 'openvswitch' : 'linuxbridge';
    const candidates = [...faults, ...faultsOf[mechanism]];
    const chosen = Array.from({length: 3}, (_, number) => {
      const [at, lasts] = [luck.whole(5, 120), luck.whole(5, 80)];
      return `f${number}: {${luck.pick(candidates)}, at: ${at}s + random 1s, for: ${lasts}s}`;
    });
    const done = Array.from(
      {length: 5},
      (_, number) => `o${number}: {${luck.pick(operations)}, at: ${luck.whole(5, 140)}s + random 1s}`,
    );
    if (luck.happens(0.5)) done.push(`start: {do: boot, vm: vm2, at: ${luck.whole(5, 60)}s}`);
    const ways = `l2-population: ${luck.happens(0.6)}, arp-responder: ${luck.happens(0.3)}`;
    const own = `{mechanism-driver: ${mechanism}, ${ways}, `;
    const options = `${own}allow-automatic-l3agent-failover: true, agent-down-time: 20s, report-interval: 5s}`;
    const plan = planOf(neutronText(options, {faults: chosen, operations: done}, '150s'), seed);
    const counted = runPlan(plan);
    const stepped = runPlan(plan, {stepped: true});
    t.is(counted.fingerprint, stepped.fingerprint, [...chosen, ...done].join('\n'));
  });
}

test('a VM that went off with its host is started again, before its port is wired, and asks twice for its lease', t => {
  const sections = {
    traffic: ['snat: {from: vm1, to: outside, every: 100ms}'],
    faults: ['crash: {break: chassis, of: cn1, at: 10s, for: 10s}'],
    operations: ['again: {do: start, vm: [vm1, vm2], at: 40s}'],
  };
  const {flows, announcements} = runPlan(planOf(neutronText('{}', sections, '60s')));
  const [{lost, delivered}] = flows;
  // Off for 30 s; the second DISCOVER comes 4 s after the first, a second more or less.
  t.true(lost >= 325 && lost <= 365, `${lost}`);
  t.true(delivered > 200);
  const refused = announcements.flatMap(({kind, detail}) => (kind === 'operation refused' ? [detail.subject] : []));
  t.deepEqual(refused, ['vm2']);
});

test('a VM reaches itself by its own floating IP, and the router has one connection for that', t => {
  const traffic = ['udp-echo', 'icmp-echo', 'tcp'].map(
    protocol => `${protocol}: {from: vm3, to: 10.0.2.100, protocol: ${protocol}, every: 100ms}`,
  );
  const {flows, nat} = runPlan(planOf(neutronText('{}', {traffic}, '20s')));
  t.deepEqual(
    flows.map(({sent, lost}) => [sent, lost]),
    [1, 2, 3].map(() => [200, 0]),
  );
  t.is(nat.at(-1)?.connections, 3);
});

test('floating IPs come from the pool, the lowest first, until none is left; one that is given back is free again', t => {
  const text = neutronText('{}', {
    networks: [
      'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1, pool: 10.0.2.100..10.0.2.103}',
      'front: {type: vxlan, cidr: 172.16.100.0/24}',
    ],
    segments: [],
    routers: ['r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front]}'],
    vms: ['vm[1..5]: {network: front}'],
    'floating-ips': ['10.0.2.101: {vm: vm1}'],
    traffic: [],
    operations: [
      'a: {do: allocate, vm: vm2, at: 5s}',
      'b: {do: allocate, vm: vm3, at: 10s}',
      'twice: {do: allocate, vm: vm3, at: 12s}',
      'c: {do: allocate, vm: vm4, at: 15s}',
      'none: {do: allocate, vm: vm5, at: 20s}',
      'back: {do: release, floating-ip: 10.0.2.101, at: 25s}',
      'again: {do: release, floating-ip: 10.0.2.101, at: 27s}',
      'gone: {do: associate, floating-ip: 10.0.2.101, vm: vm5, at: 28s}',
      'now: {do: allocate, vm: vm5, at: 30s}',
    ],
  });
  const lines = runPlan(planOf(text)).announcements.flatMap(({kind, at, detail}) => {
    const time = Math.floor(at / 1_000_000);
    if (kind === 'operation refused') return [`${time} ${detail.subject} ${detail.what}: ${detail.reason}`];
    if (kind !== 'floating address associated') return [];
    return [`${time} ${formatIpv4(detail.address)} ${detail.from ?? 'nobody'} → ${detail.to ?? 'nobody'}`];
  });
  t.deepEqual(lines, [
    '5 10.0.2.100 nobody → vm2',
    '10 10.0.2.102 nobody → vm3',
    '12 vm3 allocate: vm3 has 10.0.2.102 (409 FloatingIPPortAlreadyAssociated)',
    '15 10.0.2.103 nobody → vm4',
    '20 vm5 allocate: no address of public is left (409 IpAddressGenerationFailure)',
    '25 10.0.2.101 vm1 → nobody',
    '27 10.0.2.101 release: there is no such floating IP (404 FloatingIPNotFound)',
    '28 10.0.2.101 associate: there is no such floating IP (404 FloatingIPNotFound)',
    '30 10.0.2.101 nobody → vm5',
  ]);
});

test('what Neutron and Nova would refuse is not done, and said', t => {
  const options = '{allow-automatic-l3agent-failover: true, agent-down-time: 20s, report-interval: 5s}';
  const text = neutronText(
    options,
    {
      faults: [
        'dead: {break: chassis, of: cn1, at: 20s, for: 20s}',
        'server: {break: neutron-server, how: kill, at: 50s}',
      ],
      operations: [
        'second: {do: associate, floating-ip: 10.0.2.100, vm: vm4, at: 5s}',
        'free: {do: disassociate, floating-ip: 10.0.2.101, at: 4.9s + random 3s}',
        'taken: {do: associate, floating-ip: 10.0.2.101, vm: vm3, at: 9s}',
        'hosted: {do: add, router: r1, to: gw2, at: 10s}',
        'same: {do: add, router: r1, to: gw1, at: 11s}',
        'stay: {do: move, vm: vm2, to: cn2, at: 15s}',
        'to-dead: {do: move, vm: vm2, to: cn1, at: 21s}',
        'from-dead: {do: move, vm: vm1, to: cn2, at: 22s}',
        'start: {do: boot, vm: vm3, at: 23s}',
        'off: {do: move, vm: vm1, to: cn2, at: 45s}',
        'no-server: {do: reschedule, router: r1, to: gw2, at: 55s}',
        'no-ports: {do: start, vm: vm1, at: 56s}',
      ],
    },
    '60s',
  );
  const refusals = runPlan(planOf(text)).announcements.flatMap(({kind, at, detail}) =>
    kind === 'operation refused'
      ? [`${Math.floor(at / 1_000_000)} ${detail.subject} ${detail.what}: ${detail.reason}`]
      : [],
  );
  t.deepEqual(refusals, [
    '5 10.0.2.100 associate: vm4 has 10.0.2.101 (409 FloatingIPPortAlreadyAssociated)',
    '9 10.0.2.101 associate: vm3 has 10.0.2.100 (409 FloatingIPPortAlreadyAssociated)',
    '10 r1 add: the agent of gw1 hosts it (409 RouterHostedByL3Agent)',
    '15 vm2 move: it is on cn2 already',
    '21 vm2 move: cn1 is down',
    '22 vm1 move: cn1, where it is, is down',
    '23 vm3 boot: cn1 is down',
    '45 vm1 move: it is off',
    '55 r1 reschedule: neutron-server is not running',
    '56 vm1 start: neutron-server is not running',
  ]);
});

test('a router that moves keeps its addresses, and no connection of before is known there', t => {
  const text = neutronText(
    '{allow-automatic-l3agent-failover: true, agent-down-time: 20s, report-interval: 5s}',
    {
      faults: ['node: {break: chassis, of: active gateway of r1, at: 30s}'],
    },
    '150s',
  );
  const {flows, nat} = runPlan(planOf(text));
  const group = (name: string) => flows.filter(flow => flow.group === name);
  for (const flow of [...group('snat'), ...group('fip')]) {
    t.true(flow.lost > 300, `${flow.name} lost ${flow.lost}`);
    t.true(flow.delivered > flow.sent / 2, `${flow.name} came back`);
  }
  for (const flow of group('tunnel')) t.is(flow.lost, 0);
  t.deepEqual([...new Set(nat.map(({chassis}) => chassis))], ['gw1', 'gw2']);
});

test('a floating address costs its router two rules and a connection for each flow', t => {
  const {nat} = runPlan(planOf(neutronText('{}', {}, '20s')));
  const last = nat.at(-1);
  t.is(last?.connectionsMax, 262_144);
  // Two flows from inside to each of two hosts, a ping to the outside and one to the gateway, a flow by the router from
  // front to back, four to floating addresses and one through a floating address from inside.
  t.is(last?.connections, 12);
});

test('tunnels reach every host of an underlay that is wider than most', t => {
  const sections = {
    chassis: ['gw1: {role: gateway}', 'cn[1..300]: {role: compute}'],
    segments: ['underlay: {cidr: 10.128.0.0/16}', 'management: {cidr: 10.129.0.0/16}'],
    networks: ['front: {type: vxlan, cidr: 172.16.100.0/24}'],
    routers: [],
    vms: ['vm1: {network: front, placement: cn1}', 'vm2: {network: front, placement: cn300}'],
    hosts: [],
    'floating-ips': [],
    traffic: ['far: {from: vm1, to: vm2, every: 100ms}'],
  };
  const [{sent, delivered}] = runPlan(planOf(neutronText('{}', sections, '5s'))).flows;
  t.deepEqual([sent, delivered], [50, 50]);
});

test('flows from and to a VM that is started in the run begin with their first packet after that', t => {
  const sections = {
    traffic: ['on: {from: [vm1, vm2], to: [vm1, vm2, vm3], every: 200ms, start: 100ms}'],
    operations: ['start: {do: boot, vm: vm2, at: 5s + random 1s}'],
  };
  const plan = planOf(neutronText('{}', sections, '20s'));
  const bootAt = plan.faults[0].occurrences[0].at;
  for (const {name, start} of plan.flows) {
    t.is((start - 100_000) % 200_000, 0);
    if (name.includes('vm2')) t.true(start >= bootAt && start < bootAt + 200_000, name);
    else t.is(start, 100_000, name);
  }
  const [{sent, lost}] = runPlan(plan).flows.filter(({name}) => name === 'on: vm2 → vm3');
  t.is(sent, Math.ceil((20_000_000 - plan.flows[2].start) / 200_000));
  t.true(lost > 0 && lost < 40, `${lost} lost until it was wired`);
});
