import {tableOf} from '../keepalived/course.ts';
import type {Part} from '../part.ts';
import {courses} from './cases.ts';

/** Neutron's highly available routers, against keepalived as Neutron sets it up. */
export const neutron: Part = {
  name: 'neutron',
  title: "Neutron's highly available routers",
  // Enough for a mean within 5 %.
  fewSeeds: 8,
  rare: [],
  compare(seeds, done) {
    const tables = courses.map(course => {
      const table = tableOf(course, seeds);
      done(table.title);
      return table;
    });
    return {method, remarks: [], tables, notEmulated: []};
  },
};

const method = `The bench ran keepalived 2.2.7 as Neutron sets it up, without Neutron: three routers of priority 50 with \`nopreempt\`
and \`advert_int\` 2 on an HA network, real-time scheduling on a busy machine. Here it runs where Neutron runs it: in the
namespaces of a router with \`ha: true\` on three network nodes, HA network, tenant network and external network each on
wires of its own, host profile \`real-time\`, a VM that pings its gateway every 10 ms. Times are ms. Means are also held to the
formula, within 5 %.`;
