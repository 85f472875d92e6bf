import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {tellFault} from '../../../reports/fault-text.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {scenarioOf} from '../../scenarios/scenario-files.ts';
import {worldOf} from '../../support/clouds.ts';
import {announcementLine} from '../../support/ground.ts';

const cloud = `name: small
duration: 60s
neutron: {release: epoxy, ha-conntrackd-enabled: true}
chassis:
  net[1..3]: {role: gateway}
  cn[1..2]: {role: compute}
networks:
  public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}
  front: {type: vxlan, cidr: 172.16.100.0/24}
  back: {type: vxlan, cidr: 172.16.101.0/24}
  side: {type: vxlan, cidr: 172.16.102.0/24}
routers:
  r1:
    external: {network: public, address: 10.0.2.2}
    interfaces: [front]
    agent: net2
  r2: {ha: true, agents: [net1, net3], interfaces: [back]}
  r3: {ha: true, agents: [net1, net2], interfaces: [side]}
vms:
  vm[1..2]: {network: front}
`;

function linesUnder(fault: string): {readonly told: string; readonly lines: readonly string[]} {
  const scenario = scenarioOf(`${cloud}faults:\n  f: {${fault}, at: 5s, for: 40s}\n`);
  const world = worldOf(makePlan(scenario, 1));
  world.advance(seconds(60));
  const {entries} = world.journal;
  const struck = entries.find(({kind}) => kind === 'fault began')?.detail as Parameters<typeof tellFault>[1];
  const lines = entries.filter(({kind}) => !kind.startsWith('fault')).map(announcementLine);
  return {told: tellFault(scenario.faults, struck, 'start'), lines};
}

const targets: readonly (readonly [string, string])[] = [
  ['break: chassis, of: active gateway of r1', 'net2 without power'],
  ['break: chassis, of: standby gateway of r1', 'net1 without power'],
  ['break: chassis, of: standby gateway 2 of r1', 'net3 without power'],
  ['break: neutron-l3-agent, of: active gateway of r1', 'neutron-l3-agent of net2 killed'],
  ['break: neutron-l3-agent, of: all chassis', 'neutron-l3-agent of net1, net2 and net3 killed'],
  ['break: neutron-linuxbridge-agent, of: chassis of vm2', 'neutron-linuxbridge-agent of cn2 killed'],
  ['break: keepalived, how: stop, of: net1', 'keepalived of net1 told to stop'],
  ['break: keepalived, how: kill-parent, router: r2, of: net3', 'keepalived of r2 on net3 without its parent'],
  ['break: keepalived, how: hang, of: all chassis, router: r3', 'keepalived of r3 on net1 and net2 hung'],
  [
    'break: neutron-keepalived-state-change, of: all gateways',
    'neutron-keepalived-state-change of net1, net2 and net3 killed',
  ],
  ['break: conntrackd, how: hang, of: all chassis, router: r2', 'conntrackd of r2 on net1 and net3 hung'],
  ['break: rabbitmq-server, how: hang', 'rabbitmq-server of central hung'],
  ['break: bus, how: silent, of: cn1', 'path from cn1 to the message bus cut without a word'],
  ['break: bus, how: noticed, of: all computes', 'path from cn1 and cn2 to the message bus reset'],
];

for (const [fault, expected] of targets) {
  test(`${fault}: ${expected}`, t => {
    t.is(linesUnder(fault).told, expected);
  });
}

test('keepalived of one router is another process than that of the next', t => {
  const of = (fault: string) =>
    linesUnder(fault).lines.flatMap(line => /(?<=daemon stopped: ).* killed/.exec(line) ?? []);
  t.deepEqual(of('break: keepalived, of: net1'), ['net1 keepalived of r2 killed', 'net1 keepalived of r3 killed']);
  t.deepEqual(of('break: keepalived, of: all gateways, router: r3'), [
    'net1 keepalived of r3 killed',
    'net2 keepalived of r3 killed',
  ]);
  t.deepEqual(of('break: neutron-keepalived-state-change, of: all chassis, router: r2'), [
    'net1 neutron-keepalived-state-change of r2 killed',
    'net3 neutron-keepalived-state-change of r2 killed',
  ]);
  t.deepEqual(of('break: conntrackd, of: net1'), ['net1 conntrackd of r2 killed', 'net1 conntrackd of r3 killed']);
  t.deepEqual(of('break: keepalived, of: standby gateway 2 of r2, router: r2'), []);
});

test('a rule on the port of the message bus cuts its connections as a silent path does', t => {
  const silent = linesUnder('break: bus, how: silent, of: net2').lines;
  t.notDeepEqual(silent, linesUnder('break: drop, of: net2, nic: management, protocol: any, port: 6642').lines);
  for (const rule of ['protocol: tcp, port: 5672', 'protocol: tcp', 'protocol: any, port: 5672']) {
    t.deepEqual(linesUnder(`break: drop, of: net2, nic: management, ${rule}`).lines, silent, rule);
  }
});

test('a path that is reset is told to both agents of a gateway', t => {
  const {lines} = linesUnder('break: bus, how: noticed, of: net2');
  t.true(lines.some(line => line.startsWith('5.') && line.includes('neutron-l3-agent')));
  t.true(lines.some(line => line.startsWith('5.') && line.includes('neutron-linuxbridge-agent')));
});
