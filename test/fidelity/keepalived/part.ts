import type {Part} from '../part.ts';
import {courses} from './cases.ts';
import {tableOf} from './course.ts';

/** keepalived: plain pairs, and trios as Neutron sets them up. */
export const keepalived: Part = {
  name: 'keepalived',
  title: 'keepalived',
  fewSeeds: 12,
  // Three of seventy on the bench.
  rare: ['clients point to a router without the address'],
  compare(seeds, done) {
    const tables = courses.map(course => {
      const table = tableOf(course, seeds);
      done(table.title);
      return table;
    });
    return {method, remarks: [], tables, notEmulated: []};
  },
};

const method = `The bench ran keepalived 2.2.7 with real-time scheduling on a machine whose two cores were busy: the host profile
\`real-time\`. Its rows and captures are in \`test/fixtures/measured/keepalived\`. *Plain*: two routers of priorities 150 and
100 on one LAN, \`advert_int\` 1. *Neutron-like*: three of priority 50 with \`nopreempt\` and \`advert_int\` 2 on an HA network, their
other addresses on two more. A client pings the address every 10 ms through its ARP cache; here as there, and faults come
at a random phase of the adverts. Times are ms, read off the wire where the bench read them off the wire. Means are also held to the
formula, within 5 %.`;
