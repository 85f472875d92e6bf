import type {
  HighAvailability,
  NeutronFloating,
  NeutronInventory,
  NeutronNetwork,
  NeutronPort,
  NeutronRouter,
  NeutronSecurityGroup,
  PortSecurity,
} from '../../tables/neutron-inventory.ts';
import {uuidOf} from '../../tables/uuid.ts';
import {contains, type Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {GroupRule} from '../../protocols/security-group.ts';
import type {HaNetworkSettings, PortSecurityPlan, RouterPlan, SecurityGroupPlan, WorldPlan} from '../world-plan.ts';
import {HaAllocation, haNetworkName, makeHaNetworks} from './ha-networks.ts';

/** MACs of the ports of routers and of DHCP are counted up from here: `base_mac` of Neutron, in a block that VMs do not use. */
const routerMacs: Mac = 0xfa_16_3e_80_00_01;

/**
 * The networks, ports, routers and floating addresses of a plan, with the ids by which Neutron knows them. `luck` says which
 * virtual router ids and addresses highly available routers have got.
 */
export function makeInventory(plan: WorldPlan, settings: HaNetworkSettings, luck: () => number): NeutronInventory {
  const chassis = plan.chassis.filter(({role}) => role !== 'controller').map(({name}) => name);
  const tenantNetworks = plan.networks.map((network, number): NeutronNetwork => {
    const type = network.type === 'geneve' ? 'vxlan' : network.type;
    return {
      number,
      name: network.name,
      id: uuidOf('neutron', 'network', network.name),
      type,
      segmentation: network.vlan ?? network.vni,
      segment: network.segment,
      cidr: network.cidr,
      gateway: gatewayOf(network.name, plan),
      external: network.external,
      mtu: network.mtu,
      dhcp: network.dhcp.length > 0 ? {subnetId: uuidOf('neutron', 'subnet', network.name)} : undefined,
    };
  });
  const networks = [...tenantNetworks, ...makeHaNetworks(plan, tenantNetworks, settings)];
  const ports: NeutronPort[] = [];
  const add = (port: Omit<NeutronPort, 'number' | 'id'>, place = networks[port.network].name): number => {
    const number = ports.length;
    ports.push({...port, number, id: uuidOf('neutron', 'port', `${port.owner}/${place}`)});
    return number;
  };
  const numberOf = (network: string): number => networks.findIndex(({name}) => name === network);
  for (const {name, network, address, mac, chassis: home, security} of plan.vms) {
    const place = {network: numberOf(network), mac, address, router: undefined, home: chassis.indexOf(home)};
    add({owner: name, kind: 'vm', ...place, security: securityOf(mac, security)});
  }
  let macs = 0;
  const agents = [...chassis.keys()].filter(number => plan.chassis.some(isGateway(chassis[number])));
  const allocation = new HaAllocation(luck);
  const replicate = ({name, project}: RouterPlan, router: number): HighAvailability => {
    const network = numberOf(haNetworkName(project));
    const joined = agents.map((agent): readonly [number, number] => {
      const address = allocation.address(networks[network]);
      const port = {owner: name, kind: 'router ha interface', network, mac: routerMacs + macs++, address} as const;
      return [agent, add({...port, router, home: agent, security: undefined}, chassis[agent])];
    });
    return {virtualRouterId: allocation.virtualRouterId(network), network, ports: new Map(joined)};
  };
  const routers = plan.routers.map((router, number): NeutronRouter => {
    const {name} = router;
    const join = (kind: 'router interface' | 'router gateway', network: string, address: Ipv4): number =>
      add({
        ...{owner: name, kind, network: numberOf(network), mac: routerMacs + macs++, address},
        ...{router: number, home: undefined, security: undefined},
      });
    return {
      number,
      name,
      id: uuidOf('neutron', 'router', name),
      interfaces: router.interfaces.map(({network, address}) => join('router interface', network, address)),
      gateway: router.external && join('router gateway', router.external.network, router.external.address),
      snat: router.snat.length > 0,
      routes: router.routes,
      ha: router.ha ? replicate(router, number) : undefined,
    };
  });
  for (const [number, {dhcp}] of plan.networks.entries()) {
    for (const [index, address] of dhcp.entries()) {
      const owner = index === 0 ? 'dhcp' : `dhcp ${index + 1}`;
      const mac = routerMacs + macs++;
      add({
        owner,
        kind: 'dhcp',
        network: number,
        mac,
        address,
        router: undefined,
        home: undefined,
        security: undefined,
      });
    }
  }
  const floating = makeFloating(plan, networks, ports, routers);
  return {chassis, networks, ports, routers, floating, securityGroups: plan.securityGroups.map(makeGroup)};
}

function securityOf(mac: Mac, {enabled, groups, pairs}: PortSecurityPlan): PortSecurity {
  return {
    enabled,
    groups: groups.map(groupId),
    pairs: pairs.map(pair => ({mac: pair.mac ?? mac, prefix: pair.prefix})),
  };
}

function makeGroup({name, rules}: SecurityGroupPlan): NeutronSecurityGroup {
  return {name, id: groupId(name), rules: rules.map(withRemoteId)};
}

/** A rule that names its remote group, with the id of the group. */
export function withRemoteId(rule: GroupRule): GroupRule {
  return rule.remoteGroup === undefined ? rule : {...rule, remoteGroup: groupId(rule.remoteGroup)};
}

export function groupId(name: string): string {
  return uuidOf('neutron', 'security group', name);
}

function makeFloating(
  plan: WorldPlan,
  networks: readonly NeutronNetwork[],
  ports: readonly NeutronPort[],
  routers: readonly NeutronRouter[],
): readonly NeutronFloating[] {
  const id = (address: Ipv4): string => uuidOf('neutron', 'floating address', String(address));
  const own = plan.floating.map(({address, vm}, number): NeutronFloating => {
    const inside = ports.find(({kind, owner}) => kind === 'vm' && owner === vm)?.network;
    const router = routers.find(({gateway, interfaces}) => {
      if (gateway === undefined || !contains(networks[ports[gateway].network].cidr, address)) return false;
      return interfaces.some(port => ports[port].network === inside);
    });
    if (!router) throw new Error(`floating address of ${vm}, which no router serves`);
    return {number, address, id: id(address), router: router.number};
  });
  const spare = plan.spareAddresses.map(({address, router: name}, index): NeutronFloating => {
    const router = routers.find(candidate => candidate.name === name);
    if (!router) throw new Error(`there is no router ${name}`);
    return {number: own.length + index, address, id: id(address), router: router.number};
  });
  return [...own, ...spare];
}

/** The router of the cloud on a network; of an external one its upstream router. */
function gatewayOf(network: string, {networks, routers}: WorldPlan): Ipv4 | undefined {
  const upstream = networks.find(({name}) => name === network)?.upstreams.at(0)?.address;
  const inside = routers.flatMap(({interfaces}) => interfaces).find(port => port.network === network);
  return upstream ?? inside?.address;
}

function isGateway(name: string): (chassis: WorldPlan['chassis'][number]) => boolean {
  return chassis => chassis.name === name && chassis.role === 'gateway';
}
