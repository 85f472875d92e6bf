import type {Findings} from './findings.ts';
import {measureCloud} from './neutron-cloud.ts';

const cloud = {routers: 200, gateways: 3, computes: 100, vms: 2_000};

const rows = [
  {name: 'on one node each, linuxbridge', isHa: false, mechanism: 'linuxbridge'},
  {name: 'on all three, linuxbridge', isHa: true, mechanism: 'linuxbridge'},
  {name: 'on all three, openvswitch', isHa: true, mechanism: 'openvswitch'},
] as const;

/** What it costs that routers are highly available: each of 100 adverts a second goes to 600 namespaces. */
export function ha(): Findings {
  const found = rows.map(row => ({...row, ...measureCloud({...cloud, ...row})}));
  const [plain] = found;
  return {
    title: '200 routers and 2,000 VMs for 10 minutes, one of three network nodes dying after 100 s',
    head: ['routers', 'simulated seconds per CPU second', 'against the first', 'memory, MB'],
    rows: found.map(({name, pace, memory}) => [
      name,
      pace.toFixed(1),
      `${(pace / plain.pace).toFixed(2)} ×`,
      (memory / 1e6).toFixed(0),
    ]),
  };
}
