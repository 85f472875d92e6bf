import {LadderAgenda} from '../../engine/ladder-agenda.ts';
import {World} from '../../models/world/world.ts';
import type {WorldPlan} from '../../models/world/world-plan.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {scenarioOf} from '../scenarios/scenario-files.ts';

export type Cloud = {
  readonly gateways?: number;
  readonly computes?: number;
  readonly duration?: string;
  /** The lines of further sections, or of sections in place of those here. */
  readonly sections?: Readonly<Record<string, readonly string[]>>;
};

/**
 * The text of a small cloud: gateways, computes, two networks behind one router, four VMs, a floating address of either
 * kind, a host on the external network and one behind its router. Nobody talks and nothing breaks unless `sections` say so.
 */
export function cloudText({gateways = 3, computes = 2, duration = '60s', sections = {}}: Cloud = {}): string {
  const priorities = Array.from({length: gateways}, (_, index) => `gw${index + 1}: ${30 - index}`);
  const all: Record<string, readonly string[]> = {
    chassis: [...roles('gw', gateways, 'gateway'), ...roles('cn', computes, 'compute')],
    networks: [
      'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
      'front: {type: geneve, cidr: 172.16.100.0/24}',
      'back: {type: geneve, cidr: 172.16.101.0/24}',
    ],
    routers: [
      'r1:',
      '  external: {network: public, address: 10.0.2.2}',
      '  interfaces: [front, back]',
      `  gateway-chassis: {${priorities.join(', ')}}`,
    ],
    vms: [
      'vm1: {network: front, placement: cn1}',
      'vm2: {network: front, placement: cn2}',
      'vm3: {network: front, placement: cn1}',
      'vm4: {network: back, placement: cn2}',
    ],
    hosts: ['near: {network: public, address: 10.0.2.9}', 'outside: {network: public, behind-gateway: true}'],
    'floating-ips': ['10.0.2.100: {vm: vm3}', '10.0.2.200: {vm: vm2, distributed: true}'],
    ...sections,
  };
  const lines = Object.entries(all)
    .filter(([, body]) => body.length > 0)
    .flatMap(([name, body]) => [`${name}:`, ...body.map(line => `  ${line}`)]);
  return ['name: small', `duration: ${duration}`, ...lines, ''].join('\n');
}

/** The plan of a scenario's text. */
export function planOf(text: string, seed: number | string = 1, settings: readonly string[] = []): WorldPlan {
  const key = [text, ...settings].join('\n');
  let scenario = read.get(key);
  if (!scenario) read.set(key, (scenario = scenarioOf(text, settings)));
  return makePlan(scenario, seed);
}

/** Scenarios by their text: a plan of another seed need not read it again. */
const read = new Map<string, Scenario>();

/** A world that has not begun yet. */
export function worldOf(plan: WorldPlan, skipping = true): World {
  return new World(plan, {agenda: new LadderAgenda(), skipping});
}

function roles(prefix: string, count: number, role: string): readonly string[] {
  return count > 0 ? [`${prefix}[1..${count}]: {role: ${role}}`] : [];
}

/** 1,500 VMs that all begin to send at one instant, to a router outside that no switch has heard of; one fault outlasts the run. */
export const heavyFirstInstant = cloudText({
  computes: 5,
  duration: '3s',
  sections: {
    networks: [
      'public: {type: flat, cidr: 10.0.0.0/16, external: true, gateway: 10.0.0.1}',
      'front: {type: geneve, cidr: 172.16.0.0/16}',
    ],
    routers: [
      'r1:',
      '  external: {network: public, address: 10.0.0.2}',
      '  interfaces: [front]',
      '  gateway-chassis: {gw1: 30, gw2: 20}',
    ],
    vms: ['vm[1..300]: {network: front, placement: every compute}'],
    'floating-ips': [],
    hosts: [],
    traffic: ['out: {from: all vms, to: outside, every: 1s}'],
    faults: ['cut: {break: link, of: cn1, nic: underlay, at: 1s, for: 100s}'],
  },
});
