import {readFileSync} from 'node:fs';
import test from 'ava';
import {TunnelConfiguration, type TunnelChange} from '../../../../models/control/ovn/tunnel-configuration.ts';
import {ovsBfdDefaults} from '../../../../models/protocols/ovs-bfd.ts';
import {GatewayGroups} from '../../../../models/tables/gateway-groups.ts';
import {LocalDatabase} from '../../../../models/tables/local-database.ts';
import {routerKey, type SouthboundTable} from '../../../../models/tables/southbound-contents.ts';
import type {Topology} from '../../../../models/tables/topology.ts';
import {makeContents} from '../../../../models/world/ovn/initial-contents.ts';
import {ovnCaptures} from '../../../support/pcap.ts';
import {benchChassis, gatewayNames, smallTopology} from '../../../support/small-topology.ts';

/** The situations of the bench, by the number in the file: chassis that are there, and gateways of the group. */
const situations: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  '1': [benchChassis.slice(0, 5), gatewayNames],
  '2': [benchChassis, gatewayNames],
  '3': [benchChassis, ['gw1', 'gw2']],
  '4': [benchChassis, ['gw1']],
  '5': [benchChassis, gatewayNames],
};

const file = readFileSync(`${process.cwd()}/${ovnCaptures}/bfd_which_tunnels.txt`, 'utf8');

/** Tunnels as `chassis: peer` and whether BFD runs on them. */
const measured = file
  .trimEnd()
  .split('\n\n')
  .map(text => {
    const [heading, ...lines] = text.split('\n');
    const tunnels = lines.map((line): readonly [string, boolean] => {
      const [, chassis, peer, bfd] = /^(\w+): ovn-(\w+)-0,(.*)$/.exec(line)!;
      return [`${chassis}: ${peer}`, bfd.includes('enable=""true""')];
    });
    return {number: heading[2], heading: heading.slice(2), tunnels};
  });

test('the bench showed five situations', t => {
  t.deepEqual(
    measured.map(({number}) => number),
    Object.keys(situations),
  );
});

for (const {number, heading, tunnels} of measured) {
  test(`tunnels and BFD are those of the bench: ${heading}`, t => {
    const [chassis, gateways] = situations[number];
    // On the bench gw3 also held the switch ports of a gateway router, which count as VMs do.
    const vms = [['cn1', 'cn2', 'gw3']];
    const configured = new Map(tunnelsOf(smallTopology({chassis, gateways: [gateways], vms})));
    for (const [tunnel, bfd] of tunnels) t.is(configured.get(tunnel), bfd, tunnel);
    if (number !== '2') t.is(configured.size, tunnels.length);
  });
}

/** What every chassis configures, as `chassis: peer` and whether BFD runs. */
function tunnelsOf(topology: Topology): readonly (readonly [string, boolean])[] {
  const contents = makeContents(topology, () => undefined);
  const groups = new GatewayGroups(topology, contents);
  return topology.chassis.flatMap((name, chassis) => {
    const database = new LocalDatabase();
    const among = {chassis, topology, contents, groups, database, bfd: ovsBfdDefaults};
    new TunnelConfiguration(among).beginSettled(contents.latest);
    return database.peers.map(peer => [`${name}: ${topology.chassis[peer]}`, !!database.tunnel(peer)?.bfd] as const);
  });
}

/** The configuration of cn1 in the bench's second situation, and who writes to the database. */
function bench() {
  const topology = smallTopology();
  const contents = makeContents(topology, () => undefined);
  const groups = new GatewayGroups(topology, contents);
  const database = new LocalDatabase();
  const told: string[] = [];
  database.onConfiguration = peer => told.push(topology.chassis[peer]);
  const among = {chassis: 3, topology, contents, groups, database, bfd: ovsBfdDefaults};
  const tunnels = new TunnelConfiguration(among);
  const write = (table: SouthboundTable, key: number, value: number) => contents.write({table, key, value, cause: 0});
  return {contents, database, told, write, iterate: (to = contents.latest) => tunnels.write(to)};
}

test('ports are written first, BFD by a later iteration that finds them, then nothing', t => {
  const {told, iterate, database} = bench();
  t.is(iterate(), 'ports');
  t.deepEqual(told, ['gw1', 'gw2', 'gw3', 'cn2', 'cn3']);
  t.deepEqual(database.tunnel(0), {bfd: undefined, status: undefined});
  t.is(iterate(), 'BFD');
  t.deepEqual(told.slice(5), ['gw1', 'gw2', 'gw3']);
  t.deepEqual(database.tunnel(0), {bfd: ovsBfdDefaults, status: undefined});
  t.is(iterate(), 'nothing');
});

/** Iterations until there is nothing more to write. */
function settle(iterate: () => TunnelChange): void {
  while (iterate() !== 'nothing');
}

test('a chassis that goes takes its tunnel with it, and gets it again without BFD until its group has it', t => {
  const {database, told, write, iterate} = bench();
  settle(iterate);
  told.length = 0;
  write('Chassis', 0, 0);
  write('HA_Chassis', routerKey(0, 0), 0);
  settle(iterate);
  t.is(database.tunnel(0), undefined);
  write('Chassis', 0, 1);
  settle(iterate);
  t.deepEqual(database.tunnel(0), {bfd: undefined, status: undefined});
  write('HA_Chassis', routerKey(0, 0), 1);
  t.is(iterate(), 'BFD');
  t.deepEqual(database.tunnel(0), {bfd: ovsBfdDefaults, status: undefined});
});

test('a chassis that is not in the database itself leaves its tunnels as they are', t => {
  const {told, write, iterate} = bench();
  write('Chassis', 3, 0);
  t.is(iterate(), 'nothing');
  t.deepEqual(told, []);
});

test('what has not been heard yet is not configured', t => {
  const {database, contents, write, iterate} = bench();
  const heard = write('Chassis', 5, 0);
  t.is(contents.latest, heard);
  iterate(heard - 1);
  t.not(database.tunnel(5), undefined);
  iterate(heard);
  t.is(database.tunnel(5), undefined);
});

test('what has come since the last iteration is looked at even after one that was in step', t => {
  const {database, write, iterate} = bench();
  settle(iterate);
  write('MAC_Binding', 0, 1);
  t.is(iterate(), 'nothing');
  write('Chassis', 5, 0);
  t.is(iterate(), 'ports');
  t.is(database.tunnel(5), undefined);
});
