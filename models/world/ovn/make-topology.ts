import type {ChassisNumber, LogicalRouter, LogicalSwitch, RouterPort} from '../../tables/topology.ts';
import {Topology} from '../../tables/topology.ts';
import {contains} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {RouterPlan, WorldPlan} from '../world-plan.ts';

/** MACs that the plan leaves open are counted up from here: router ports, and floating addresses of their own. */
const routerMacs: Mac = 0x02_aa_00_00_00_01;
const floatingMacs: Mac = 0x02_fb_00_00_00_01;

/** Tunnel keys of datapaths: switches from 1, routers after them, as northd hands them out. */
const firstKey = 1;

/** The key of a router's gateway port within its datapath. */
const gatewayKey = 3;

/** Logical switches, routers, VM ports and floating addresses of a plan, with numbers, keys and MACs. */
export function makeTopology(plan: WorldPlan): Topology {
  const chassis = plan.chassis.filter(({role}) => role !== 'controller').map(({name}) => name);
  const switches = plan.networks.map((network, number): LogicalSwitch => ({
    number,
    name: network.name,
    key: firstKey + number,
    cidr: network.cidr,
    segment: network.segment,
    vlan: network.vlan,
  }));
  const routers = makeRouters(plan, chassis, switches);
  const topology = new Topology(chassis, switches, routers);
  const ports = new Map<string, number>();
  for (const {name, network, address, mac, chassis: home} of plan.vms) {
    const port = topology.addPort(name, byName(switches, network), address, mac, chassis.indexOf(home));
    ports.set(name, port);
  }
  plan.floating.forEach(({address, vm, distributed}, index) => {
    const port = ports.get(vm);
    if (port === undefined) throw new Error(`floating address of ${vm}, which does not exist`);
    const network = topology.switchOf(port);
    const router = routers.find(
      ({external, interfaces}) =>
        external &&
        contains(external.switch.cidr, address) &&
        interfaces.some(({switch: inside}) => inside === network),
    );
    if (!router) throw new Error(`floating address of ${vm}, which no router serves`);
    topology.addFloating({address, port, router, mac: distributed ? floatingMacs + index : undefined});
  });
  return topology;
}

function makeRouters(
  plan: WorldPlan,
  chassis: readonly string[],
  switches: readonly LogicalSwitch[],
): readonly LogicalRouter[] {
  let macs = 0;
  const port = (network: string, address: number): RouterPort => ({
    switch: byName(switches, network),
    address,
    mac: routerMacs + macs++,
  });
  return plan.routers.map((router, number): LogicalRouter => {
    return {
      number,
      name: router.name,
      key: firstKey + switches.length + number,
      interfaces: router.interfaces.map(({network, address}) => port(network, address)),
      external: router.external && port(router.external.network, router.external.address),
      gateways: inElectionOrder(router, chassis),
      gatewayPort: plan.vms.length + number,
      gatewayKey,
      snat: new Set(router.snat.map(network => byName(switches, network).number)),
      routes: router.routes.map((route, index) => ({...route, number: index})),
    };
  });
}

/** Higher priority first; at equal priorities the name that sorts last (ha-chassis.c, compare_chassis_prio_). */
function inElectionOrder(
  router: RouterPlan,
  chassis: readonly string[],
): readonly {readonly chassis: ChassisNumber; readonly priority: number}[] {
  return [...router.gateways]
    .sort((a, b) => b.priority - a.priority || (a.chassis < b.chassis ? 1 : -1))
    .map(({chassis: name, priority}) => ({chassis: chassis.indexOf(name), priority}));
}

function byName(switches: readonly LogicalSwitch[], name: string): LogicalSwitch {
  const found = switches.find(candidate => candidate.name === name);
  if (!found) throw new Error(`there is no network ${name}`);
  return found;
}
