import {neutronDefaults} from '../../models/control/neutron/settings.ts';
import {defaultVxlanGroup} from '../../models/protocols/vxlan-table.ts';
import type {NeutronPlan, WorldPlan} from '../../models/world/world-plan.ts';
import {planOf} from './clouds.ts';

const text = `name: lab
duration: 60s
chassis:
  node1: {role: gateway}
  node2: {role: gateway}
  node3: {role: compute}
  node4: {role: compute}
networks:
  inside: {type: flat, cidr: 10.1.0.0/24, external: true, gateway: 10.1.0.1}
  vxlan1: {type: geneve, cidr: 172.16.1.0/24}
  vxlan2: {type: geneve, cidr: 172.16.2.0/24}
routers:
  vxlan1and2:
    external: {network: inside, address: 10.1.0.83}
    interfaces: [vxlan1, vxlan2]
    gateway-chassis: {node1: 20, node2: 10}
vms:
  vxlan1-1: {network: vxlan1, address: 172.16.1.33, placement: node4}
  vxlan1-2: {network: vxlan1, address: 172.16.1.17, placement: node3}
  vxlan2-1: {network: vxlan2, address: 172.16.2.19, placement: node3}
hosts:
  client: {network: inside, address: 10.1.0.9}
  far: {network: inside, behind-gateway: true}
floating-ips:
  10.1.0.50: {vm: vxlan1-1}
traffic:
  east-west: {from: vxlan1-1, to: vxlan1-2, protocol: icmp-echo, every: 100ms, limit: 1s}
  routed: {from: vxlan1-2, to: vxlan2-1, protocol: udp-echo, every: 100ms, limit: 1s}
  snat: {from: vxlan1-2, to: far, protocol: udp-echo, every: 100ms, limit: 1s}
  floating: {from: client, to: 10.1.0.50, protocol: icmp-echo, every: 100ms, limit: 1s}
`;

/** What VXLAN leaves of 1500 bytes. */
const mtu = 1450;

export const haNetworkDefaults = {
  l3HaNetCidr: {address: 0xa9_fe_c0_00, length: 18},
  l3HaNetworkType: 'vxlan',
  l3HaNetworkPhysicalName: undefined,
} as const;

/**
 * Two VXLAN networks on two computes, a router between them with a floating address on a flat network, and a second
 * network node that could have the router.
 */
export function neutronLab(settings: Partial<NeutronPlan> = {}, seed = 1): WorldPlan {
  const plan = planOf(text, seed);
  return {
    ...plan,
    neutron: {
      ...{...neutronDefaults, ...haNetworkDefaults, vxlanGroup: defaultVxlanGroup, bridgeNfCallIptables: true},
      ...settings,
    },
    networks: plan.networks.map((network, number) =>
      network.type === 'geneve' ? {...network, type: 'vxlan', vni: number, mtu} : network,
    ),
    vms: plan.vms.map(vm => ({...vm, mtu})),
    routers: plan.routers.map(router => ({...router, gateways: [], agent: 'node1', routes: []})),
  };
}
