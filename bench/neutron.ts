import type {Findings} from './findings.ts';
import {measureCloud} from './neutron-cloud.ts';

/** Clouds with so many legacy routers over five network nodes. */
const sizes = [
  {routers: 5, computes: 10, vms: 200, mechanism: 'linuxbridge'},
  {routers: 50, computes: 100, vms: 2_000, mechanism: 'linuxbridge'},
  {routers: 50, computes: 100, vms: 2_000, mechanism: 'openvswitch'},
] as const;

/** Ten minutes of a Neutron cloud in which a network node dies and its routers are rescheduled. */
export function neutron(): Findings {
  const found = sizes.map(size => ({...size, ...measureCloud({...size, isHa: false, gateways: 5})}));
  const [small] = found;
  return {
    title: 'A Neutron cloud for 10 minutes, a network node dying after 100 s',
    head: ['cloud', 'simulated seconds per CPU second', 'against the first', 'memory, MB'],
    rows: found.map(({vms, computes, routers, mechanism, pace, memory}) => [
      `${vms} VMs, ${computes} computes, ${routers} routers, ${mechanism}`,
      pace.toFixed(1),
      `${(pace / small.pace).toFixed(2)} ×`,
      (memory / 1e6).toFixed(0),
    ]),
  };
}
