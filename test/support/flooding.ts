import {runPlan} from '../../scenarios/run.ts';
import {planOf} from './clouds.ts';

export const waysOfFlooding = {
  multicast: '{l2-population: false}',
  'L2 population': '{}',
  'with its ARP responder': '{arp-responder: true}',
  'Open vSwitch that learns': '{mechanism-driver: openvswitch, l2-population: false}',
  'Open vSwitch with L2 population': '{mechanism-driver: openvswitch}',
  'and its ARP responder': '{mechanism-driver: openvswitch, arp-responder: true}',
} as const;

/** Clouds by how many hosts they have, and on how many of these the network has a VM. */
export const sizes = [
  {hosts: 2, used: 2},
  {hosts: 16, used: 2},
  {hosts: 16, used: 16},
  {hosts: 128, used: 2},
  {hosts: 128, used: 128},
] as const;

/**
 * Frames that tunnels and the physical switch copied while one VM said a word to another on a host of its own: everything
 * that was flooded, ARP of the tunnels' ends included.
 */
export function copiesFlooded(hosts: number, used: number, options: string): {tunnels: number; wire: number} {
  const text = [
    'name: flooding',
    'duration: 5s',
    `neutron: ${options}`,
    `chassis: {gw1: {role: gateway}, "cn[1..${hosts}]": {role: compute}}`,
    'networks: {private: {type: vxlan, cidr: 172.16.0.0/16, dhcp: false}}',
    `vms: {"vm[1..${used}]": {network: private}}`,
    'traffic: {word: {from: vm1, to: vm2, count: 1, start: 1s}}',
  ].join('\n');
  const {counters} = runPlan(planOf(text));
  const copies = counters.filter(({name}) => name === 'flood copies');
  const sum = (isMeant: (owner: string) => boolean): number =>
    copies.filter(({owner}) => isMeant(owner)).reduce((total, {value}) => total + value, 0);
  const tunnels = sum(owner => owner.includes(' vxlan-') || owner.endsWith(' br-tun'));
  return {tunnels, wire: sum(owner => owner === 'underlay')};
}
