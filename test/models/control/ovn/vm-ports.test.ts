import test from 'ava';
import {seconds} from '../../../../engine/time.ts';
import type {Plan} from '../../../../models/control/ovn/iteration.ts';
import {considerVmPorts} from '../../../../models/control/ovn/vm-ports.ts';
import {none} from '../../../../models/tables/southbound-contents.ts';
import {makeContents} from '../../../../models/world/ovn/initial-contents.ts';
import {cloudText, planOf, worldOf} from '../../../support/clouds.ts';
import {announcementLine} from '../../../support/ground.ts';
import {benchChassis, smallTopology} from '../../../support/small-topology.ts';

const topology = smallTopology({vms: [['cn1', 'cn2', 'cn1']]});
const [cn1, cn2] = [benchChassis.indexOf('cn1'), benchChassis.indexOf('cn2')];

/** What cn1 writes, as port and chassis, if the database has its ports with `holders` and VMs of `running` run there. */
function written(holders: readonly number[], running: readonly number[]): readonly (readonly [number, number])[] {
  const contents = makeContents(topology, () => undefined);
  for (const [port, value] of holders.entries()) contents.write({table: 'Port_Binding', key: port, value, cause: 0});
  const plan: Plan = {full: true, cause: 7, writes: [], holders: new Map()};
  considerVmPorts({chassis: cn1, topology, contents, localPorts: () => running}, contents.latest, plan);
  holdWhatIsWritten(plan);
  return plan.writes.map(({key, value}) => [key, value]);
}

/** Whoever reads the ports in the same iteration sees what is being written. */
function holdWhatIsWritten({writes, holders}: Plan): void {
  if (writes.some(({key, value, cause}) => holders.get(key) !== value || cause !== 7)) throw new Error('not noted');
}

test('ports that run here and are held here are left alone', t => {
  t.deepEqual(written([cn1, cn2, cn1], [0, 2]), []);
});

test('a port that runs here is claimed from nobody and from anybody', t => {
  t.deepEqual(written([none, cn2, cn2], [0, 2]), [
    [0, cn1],
    [2, cn1],
  ]);
});

test('a port that is held here and runs no more is released', t => {
  t.deepEqual(written([cn1, cn2, cn1], [2]), [[0, none]]);
  t.deepEqual(written([none, cn2, cn2], []), []);
});

test('a compute that comes back after a crash releases the ports of its VMs, and its BFD ends', t => {
  const faults = ['crash: {break: chassis, of: cn2, at: 10s, for: 15s}'];
  const world = worldOf(planOf(cloudText({duration: '40s', sections: {faults}})));
  const lines: string[] = [];
  world.journal.listen(announcement => {
    if (announcement.kind === 'binding changed')
      lines.push(announcementLine(announcement).split(' ').slice(1).join(' '));
  });
  world.advance(seconds(24));
  t.deepEqual(lines, []);
  world.advance(seconds(40));
  t.deepEqual(lines.slice().sort(), ['binding changed: vm2 cn2', 'binding changed: vm4 cn2']);
  const [gw1, cn2Number] = ['gw1', 'cn2'].map(name => world.ovn.topology.chassis.indexOf(name));
  t.is(world.ovn.chassis[gw1].database.tunnel(cn2Number)?.bfd, undefined);
  t.is(world.ovn.chassis[cn2Number].database.tunnel(gw1)?.bfd, undefined);
});
