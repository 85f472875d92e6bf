import type {Part} from '../part.ts';
import {acceptedNeighbours, movedNeighbours, sameMacAgain, switchedStream} from './announcements.ts';
import {ownAnnouncements} from './arp-notify.ts';
import {bridgeAgeing, bridgeCopies, bridgeLearning} from './bridges.ts';
import {neighbourCourses} from './neighbour-courses.ts';
import {neighbourTimes} from './neighbour-times.ts';
import {neighbourOverflow} from './overflow.ts';
import {vxlanCopies, vxlanMoves} from './vxlan.ts';
import {waitingPackets} from './waiting-packets.ts';

/** The Linux kernel: neighbours, bridges, VXLAN, connections and routes. */
export const kernel: Part = {
  name: 'kernel',
  title: 'The Linux kernel',
  fewSeeds: 20,
  compare(seeds, done) {
    const tables = comparisons.map(compare => {
      const table = compare(seeds);
      done(table.title);
      return table;
    });
    return {method, remarks: [], tables, notEmulated: []};
  },
};

const comparisons = [
  neighbourTimes,
  neighbourCourses,
  waitingPackets,
  movedNeighbours,
  acceptedNeighbours,
  sameMacAgain,
  switchedStream,
  ownAnnouncements,
  neighbourOverflow,
  bridgeCopies,
  bridgeLearning,
  bridgeAgeing,
  vxlanCopies,
  vxlanMoves,
];

const method = `The bench ran Linux 6.18 (HZ = 250) on one machine: namespaces, veth and bridges. Its rows are in
\`test/fixtures/measured/kernel\`; where a row has no file, it is what our measurement says in words. Here the same
namespaces, bridges and devices are built from the models that scenarios of Neutron run through, each time at another
moment of the kernel's clock.`;
