import type {Operation} from '../../models/faults/operation.ts';
import {setName} from '../../models/protocols/port-filter.ts';
import type {GroupRule} from '../../models/protocols/security-group.ts';
import {everyMac} from '../../models/protocols/vxlan-table.ts';
import {formatIpv4, type Ipv4} from '../../models/wire/ipv4.ts';
import {formatMac, type Mac} from '../../models/wire/mac.ts';
import type {NeutronChassis} from '../../models/world/neutron/neutron-chassis.ts';
import type {World} from '../../models/world/world.ts';
import {arpFrame, commonMutations, strayPassage, type Mutation} from './common-mutations.ts';
import type {Luck} from './luck.ts';

/** What can happen to a cloud of Neutron. */
export const neutronMutations: Readonly<Record<string, Mutation>> = {
  ...commonMutations({gatewaysOf, outsideOf}),

  wiring: (world, luck) => {
    const {bridges, name} = luck.pick(world.neutron.chassis);
    const {number, owner} = luck.pick(world.neutron.inventory.ports);
    const plugs = luck.happens(0.6);
    if (plugs) bridges.plug(number);
    else bridges.unplug(number);
    return `${name} ${plugs ? 'plugs' : 'unplugs'} ${owner}`;
  },

  'ARP by a VM': (world, luck) => {
    const {chassis, inventory} = world.neutron;
    const {linux, name, vms} = luck.pick(chassis);
    if (vms.size === 0) return undefined;
    const port = luck.pick([...vms]);
    const neighbours = inventory.ports.filter(({network}) => network === inventory.ports[port].network);
    const [sender, target] = [luck.pick(neighbours), luck.pick(neighbours)];
    const frame = arpFrame(luck, sender.mac, sender.address, target.address, target.mac);
    linux.transmit(port, frame, strayPassage(world));
    return `${inventory.ports[port].owner} on ${name} sends ${JSON.stringify(frame)}`;
  },

  'forwarding entry': (world, luck) => {
    const {bridges, name} = luck.pick(world.neutron.chassis);
    if (bridges.vxlans.size === 0) return undefined;
    const [network, device] = luck.pick([...bridges.vxlans]);
    const known = device.entries().filter(({remotes}) => remotes.length > 0);
    if (known.length > 0 && luck.happens(0.5)) {
      const {mac, remotes} = luck.pick(known);
      const remote = luck.pick(remotes);
      if (mac === everyMac) bridges.removeFlood(network, remote);
      else bridges.removeRemote(network, mac, remote);
      return `${name} no longer finds ${formatMac(mac)} at ${formatIpv4(remote)}`;
    }
    const {mac} = luck.pick(world.neutron.inventory.ports.filter(port => port.network === network));
    const {address: endpoint} = luck.pick(world.neutron.chassis).nic('underlay');
    if (luck.happens(0.3)) bridges.addFlood(network, endpoint);
    else bridges.addRemote(network, mac, endpoint);
    return `${name} finds ${formatMac(mac)} at ${formatIpv4(endpoint)}`;
  },

  router: (world, luck) => {
    const {linux, bridges, name} = luck.pick(nodesOf(world));
    const {number, interfaces, gateway} = luck.pick(world.neutron.inventory.routers);
    const adds = luck.happens(0.5);
    if (!adds) linux.removeRouter(number);
    else {
      linux.addRouter(number);
      for (const port of gateway === undefined ? interfaces : [gateway, ...interfaces]) {
        linux.addRouterPort(port);
        bridges.plug(port);
      }
    }
    return `${name} ${adds ? 'gets' : 'loses'} a router`;
  },

  'port of a router': (world, luck) => {
    const {linux, name} = luck.pick(nodesOf(world));
    const {number, mac} = luck.pick(world.neutron.inventory.ports.filter(({router}) => router !== undefined));
    const adds = luck.happens(0.5);
    if (adds) linux.addRouterPort(number);
    else linux.removeRouterPort(number);
    return `${name} ${adds ? 'gets' : 'loses'} the router's port ${formatMac(mac)}`;
  },

  'floating address': (world, luck) => {
    const {linux, name} = luck.pick(nodesOf(world));
    const {ports, floating} = world.neutron.inventory;
    const {number, address, router} = luck.pick(floating);
    const {owner, address: fixed} = luck.pick(ports.filter(({kind}) => kind === 'vm'));
    const adds = luck.happens(0.6);
    linux.writeRules(router, new Map(adds ? [[number, fixed]] : []), true);
    if (adds) linux.addFloating(number);
    else linux.removeFloating(number);
    return `${formatIpv4(address)} on ${name} ${adds ? `leads to ${owner}` : 'is gone'}`;
  },

  'announcement of a router': (world, luck) => {
    const {linux, name} = luck.pick(nodesOf(world));
    const {number, mac} = luck.pick(world.neutron.inventory.ports.filter(({router}) => router !== undefined));
    linux.announce(number);
    return `${name} announces ${formatMac(mac)}`;
  },

  route: (world, luck) => {
    const {linux, name, root} = luck.pick(luck.happens(0.7) ? nodesOf(world) : world.neutron.chassis);
    const namespaces = [...linux.routers.values()].map(({namespace}) => namespace);
    const namespace = luck.pick([root, ...namespaces]);
    if (namespace.interfaces.size === 0) return undefined;
    const [device] = luck.pick([...namespace.interfaces]);
    const peer = luck.pick(world.neutron.chassis).nic('underlay').address;
    const prefix = namespace === root ? {address: peer, length: 32} : {address: 0xcb00_7100, length: 24};
    if (luck.happens(0.5)) namespace.addRoute({prefix, device, via: prefix.address - 1, source: undefined});
    else namespace.removeRoute(route => route.prefix.length === prefix.length && luck.happens(0.5));
    return `route of ${name} to ${formatIpv4(prefix.address)}`;
  },

  'filters of ports': (world, luck) => {
    const {firewall, name} = luck.pick(world.neutron.chassis);
    const {filters, zones} = firewall;
    const rules = luck.pick<readonly GroupRule[]>([
      [{direction: 'egress'}, {direction: 'ingress'}],
      [{direction: 'egress'}, {direction: 'ingress', remoteGroup: 'friends'}],
      [{direction: 'egress', remoteGroup: 'friends'}, {direction: 'ingress'}],
      [],
    ]);
    const filtered = filters.filtered.filter(() => luck.happens(0.8));
    firewall.restore({...filters, filtered, rules: new Map([...filters.rules.keys()].map(id => [id, rules]))}, zones);
    return `${name} filters by ${JSON.stringify(rules)}`;
  },

  'members of a set': (world, luck) => {
    const {firewall, name} = luck.pick(world.neutron.chassis);
    const vms = world.neutron.inventory.ports.filter(({kind}) => kind === 'vm' && luck.happens(0.5));
    firewall.setMembers(
      setName('friends'),
      vms.map(({address}) => ({address, length: 32})),
    );
    return `on ${name}, friends are ${vms.map(({owner}) => owner).join(', ')}`;
  },

  'address of a port': (world, luck) => {
    const {firewall, name} = luck.pick(world.neutron.chassis);
    const {filters, zones} = firewall;
    const filtered = filters.filtered.map(port => {
      const address = luck.pick(world.neutron.inventory.ports).address;
      return luck.happens(0.5) ? {...port, addresses: [address]} : port;
    });
    firewall.restore({...filters, filtered}, zones);
    return `${name} knows other addresses`;
  },

  connections: (world, luck) => {
    const {linux, name, firewall} = luck.pick(world.neutron.chassis);
    const floating = luck.pick(world.neutron.inventory.floating);
    if (luck.happens(0.5)) firewall.deleteConnections({});
    if (luck.happens(0.5)) for (const {translation} of linux.routers.values()) translation.remove({});
    else linux.deleteConnections(floating.number);
    return `${name} forgets connections`;
  },

  operation: (world, luck) => {
    const [operation, subject] = someOperation(world, luck);
    world.neutron.operate(operation, subject);
    return `${subject}: ${JSON.stringify(operation)}`;
  },
};

function nodesOf({neutron: {chassis}}: World): readonly NeutronChassis[] {
  return chassis.filter(({role}) => role === 'gateway');
}

function someOperation({neutron: {inventory}, plan}: World, luck: Luck): readonly [Operation, string] {
  const vm = luck.pick(plan.vms).name;
  const names = (role: string): readonly string[] =>
    plan.chassis.flatMap(host => (host.role === role ? host.name : []));
  const floating = formatIpv4(luck.pick(inventory.floating).address);
  return luck.pick<readonly [Operation, string]>([
    [{what: 'associate', vm}, floating],
    [{what: 'disassociate'}, floating],
    [{what: 'reschedule', to: luck.pick(names('gateway'))}, luck.pick(inventory.routers).name],
    [{what: 'boot'}, vm],
    [{what: 'move', to: luck.pick(names('compute'))}, vm],
  ]);
}

function gatewaysOf({neutron: {inventory}}: World): readonly {readonly mac: Mac; readonly address: Ipv4}[] {
  return inventory.ports.filter(({kind}) => kind === 'router interface');
}

function outsideOf({neutron: {inventory}}: World): readonly (readonly [Ipv4, Mac])[] {
  const {routers, ports, floating} = inventory;
  return routers.flatMap(({number, gateway}) => {
    if (gateway === undefined) return [];
    const {address, mac} = ports[gateway];
    const own = floating.filter(({router}) => router === number);
    return [address, ...own.map(({address: other}) => other)].map(one => [one, mac] as const);
  });
}
