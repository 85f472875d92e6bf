import {makePlan} from '../scenarios/make-plan.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import {Run} from '../scenarios/run.ts';
import {collectGarbage, cpuSeconds} from './measure.ts';

/** So many routers with a network behind each; every VM has two flows a second, one to the outside and one to another VM. */
export type NeutronCloud = {
  readonly routers: number;
  readonly isHa: boolean;
  readonly gateways: number;
  readonly computes: number;
  readonly vms: number;
  readonly mechanism: 'linuxbridge' | 'openvswitch';
};

const minutes = 10;

/**
 * Runs a cloud for ten minutes in which a network node is without power from 100 s to 400 s: simulated seconds per CPU second,
 * building included, and the most bytes that the process held.
 */
export function measureCloud(cloud: NeutronCloud): {readonly pace: number; readonly memory: number} {
  collectGarbage();
  let memory = 0;
  const seconds = cpuSeconds(() => {
    const run = new Run(planOf(cloud));
    for (let minute = 1; minute <= minutes; minute++) {
      run.advance(minute * 60_000_000);
      memory = Math.max(memory, process.memoryUsage().rss);
    }
  });
  return {pace: (minutes * 60) / seconds, memory};
}

function planOf({routers, isHa, gateways, computes, vms, mechanism}: NeutronCloud) {
  const text = [
    'name: neutron',
    `duration: ${minutes}min`,
    `neutron: {allow-automatic-l3agent-failover: true, mechanism-driver: ${mechanism}}`,
    `chassis: {"gw[1..${gateways}]": {role: gateway}, "cn[1..${computes}]": {role: compute}}`,
    'segments: {underlay: {cidr: 192.168.0.0/16}, management: {cidr: 10.20.0.0/16}}',
    'networks:',
    '  public: {type: flat, cidr: 10.0.0.0/16, external: true, gateway: 10.0.0.1}',
    `  net[1..${routers}]: {type: vxlan, cidr: 172.16.$1.0/24}`,
    'routers:',
    `  r[1..${routers}]: {ha: ${isHa}, external: {network: public, address: 10.0.1.$1}, interfaces: [net$1]}`,
    'vms:',
    `  n[1..${routers}]vm[1..${vms / routers}]: {network: net$1}`,
    'traffic:',
    '  snat: {from: all vms, to: outside, every: 1s}',
    '  near: {from: all vms, to: any vm, every: 1s}',
    'faults: {node: {break: chassis, of: gw1, at: 100s, for: 300s}}',
  ].join('\n');
  const reading = readScenario(text, 'neutron.yaml');
  if ('mistakes' in reading) throw new Error(reading.mistakes.map(({message}) => message).join('\n'));
  return makePlan(reading.scenario, 1);
}
