import {makePlan} from '../scenarios/make-plan.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import {Run} from '../scenarios/run.ts';
import type {Findings} from './bench.ts';
import {collectGarbage, cpuSeconds} from './measure.ts';

/** Clouds with so many legacy routers, a network behind each, over five network nodes; two flows a second from each VM. */
const sizes = [
  {routers: 5, computes: 10, vms: 200, mechanism: 'linuxbridge'},
  {routers: 50, computes: 100, vms: 2_000, mechanism: 'linuxbridge'},
  {routers: 50, computes: 100, vms: 2_000, mechanism: 'openvswitch'},
] as const;

const minutes = 10;

/** Ten minutes of a Neutron cloud in which a network node dies and its routers are rescheduled. */
export function neutron(): Findings {
  const found = sizes.map(({routers, computes, vms, mechanism}) => {
    collectGarbage();
    let memory = 0;
    const seconds = cpuSeconds(() => {
      const run = new Run(planOf(routers, computes, vms, mechanism));
      for (let minute = 1; minute <= minutes; minute++) {
        run.advance(minute * 60_000_000);
        memory = Math.max(memory, process.memoryUsage().rss);
      }
    });
    return {
      name: `${vms} VMs, ${computes} computes, ${routers} routers, ${mechanism}`,
      pace: (minutes * 60) / seconds,
      memory,
    };
  });
  const [small] = found;
  return {
    title: 'A Neutron cloud for 10 minutes, a network node dying after 100 s',
    head: ['cloud', 'simulated seconds per CPU second', 'against the first', 'memory, MB'],
    rows: found.map(({name, pace, memory}) => [
      name,
      pace.toFixed(1),
      `${(pace / small.pace).toFixed(2)} ×`,
      (memory / 1e6).toFixed(0),
    ]),
  };
}

function planOf(routers: number, computes: number, vms: number, mechanism: string) {
  const all = Array.from({length: routers}, (_, index) => index + 1);
  const text = [
    'name: neutron',
    `duration: ${minutes}min`,
    `neutron: {allow-automatic-l3agent-failover: true, mechanism-driver: ${mechanism}}`,
    `chassis: {"gw[1..5]": {role: gateway}, "cn[1..${computes}]": {role: compute}}`,
    'segments: {underlay: {cidr: 192.168.0.0/16}, management: {cidr: 10.20.0.0/16}}',
    'networks:',
    '  public: {type: flat, cidr: 10.0.0.0/16, external: true, gateway: 10.0.0.1}',
    ...all.map(number => `  net${number}: {type: vxlan, cidr: 172.16.${number}.0/24}`),
    'routers:',
    ...all.map(
      number => `  r${number}: {external: {network: public, address: 10.0.1.${number}}, interfaces: [net${number}]}`,
    ),
    'vms:',
    ...all.map(number => `  n${number}vm[1..${vms / routers}]: {network: net${number}}`),
    'traffic:',
    '  snat: {from: all vms, to: outside, every: 1s}',
    '  near: {from: all vms, to: any vm, every: 1s}',
    'faults: {node: {break: chassis, of: gw1, at: 100s, for: 300s}}',
  ].join('\n');
  const reading = readScenario(text, 'neutron.yaml');
  if ('mistakes' in reading) throw new Error(reading.mistakes.map(({message}) => message).join('\n'));
  return makePlan(reading.scenario, 1);
}
