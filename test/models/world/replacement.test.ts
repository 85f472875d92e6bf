import test from 'ava';
import {seconds, type Time} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const replacedAt = seconds(20);

/** Two VMs on a VLAN, one of them replaced in the run. */
function run(flow: string, {vm2 = '', faults = [] as string[], until = 90, seed = 1, sysctls = '{}'} = {}): World {
  const text = neutronText(
    '{}',
    {
      ...{routers: [], hosts: [], 'floating-ips': []},
      networks: ['lab: {type: vlan, vlan: 1001, segment: tenants, cidr: 172.16.101.0/24, dhcp: false}'],
      vms: [
        'vm1: {network: lab, placement: cn1}',
        `vm2: {network: lab, placement: cn2${vm2 || ', port-security: false'}}`,
      ],
      traffic: [`talk: {from: vm1, to: vm2, every: 100ms, ${flow}}`],
      faults,
      operations: ["swap: {do: replace, machine: vm2, mac: '52:54:00:00:00:01', at: 20s}"],
    },
    '200s',
  );
  const world = worldOf(planOf(`${text}sysctls: ${sysctls}\n`, seed));
  world.advance(seconds(until));
  return world;
}

/** How long after the replacement the neighbour entry of vm1 was given up. */
function givenUpAfter(world: World): Time | undefined {
  const gone = world.journal.entries.find(
    ({kind, detail, at}) =>
      kind === 'neighbour changed' && detail.host === 'vm1' && detail.to === 'failed' && at > replacedAt,
  );
  return gone && gone.at - replacedAt;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

// The lifetime of a confirmation is 15 to 45 s, its timer up to 2.05 s late; DELAY 5 to 5.26 s, PROBE 3.05 to 3.1 s
// (our measurement, C).
const probed = [seconds(3.05), seconds(3.1)] as const;
const [least, most] = [seconds(15) + seconds(5) + probed[0], seconds(45 + 2.05) + seconds(5.26) + probed[1]];

test('UDP has the old MAC until the entry has been probed in vain, however much of its life was over', t => {
  const spans = seeds.map(seed => givenUpAfter(run('protocol: udp', {seed}))!);
  for (const span of spans) t.true(span >= probed[0] && span <= most, `${span} µs`);
  t.true(Math.min(...spans) < least, 'some had lived a while');
});

test('who confirms has the old MAC for a whole life of the entry from the last confirmation on', t => {
  for (const seed of seeds) {
    const span = givenUpAfter(run('confirms: true', {seed}))!;
    t.true(span >= least && span <= most, `${span} µs`);
  }
});

test('TCP confirms too; its retransmissions are rare by then, and the new machine resets the connection', t => {
  for (const seed of seeds.slice(0, 4)) {
    const world = run('protocol: tcp', {seed, until: 190});
    t.true(givenUpAfter(world)! >= least);
    const lost = world.journal.entries.find(({kind}) => kind === 'connection lost');
    t.is(lost?.kind === 'connection lost' ? lost.detail.why : undefined, 'reset');
    t.is(world.neutron.vmBehind(0).neighbour(world.neutron.vmBehind(1).address)?.mac, 0x52_54_00_00_00_01);
  }
});

test('what the other machine sends is not what Neutron knows of the port, unless an allowed pair says so', t => {
  const lost = (vm2: string): number => run('protocol: icmp-echo', {vm2, until: 120}).results()[0].lost;
  const forEver = lost(', port-security: true');
  t.true(forEver > 950, `${forEver} lost`);
  const pair = ", allowed-address-pairs: [{address: 172.16.101.12, mac: '52:54:00:00:00:01'}]";
  t.true(lost(pair) < 600);
});

test('sysctls of VMs say how long the old MAC is used, and whether the new machine announces itself', t => {
  const quick = run('confirms: true', {
    sysctls: '{vms: {base-reachable-time: 2s, delay-first-probe-time: 1s, ucast-solicit: 1}}',
  });
  const span = givenUpAfter(quick)!;
  t.true(span >= seconds(1 + 1 + 1) && span <= seconds(3 + 1 + 1 + 0.2), `${span} µs`);
  const announced = run('protocol: udp', {sysctls: '{vms: {arp-notify: true}}', until: 30});
  t.true(announced.results()[0].lost <= 1, 'but what was sent at that instant');
  const deaf = run('protocol: udp', {sysctls: '{vms: {arp-notify: true, drop-gratuitous-arp: true}}', until: 22});
  t.true(deaf.results()[0].lost > 10);
});

test('a machine that is off is not replaced', t => {
  const world = run('protocol: udp', {faults: ['crash: {break: chassis, of: cn2, at: 10s}'], until: 30});
  const refused = world.journal.entries.find(({kind}) => kind === 'operation refused');
  t.deepEqual(refused?.detail, {what: 'replace', subject: 'vm2', reason: 'it is off'});
});
