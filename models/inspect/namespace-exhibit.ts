import type {RouterNamespace} from '../dataplane/linux/router-namespace.ts';
import {formatNatTable} from '../protocols/iptables-save.ts';
import type {NeutronRouter} from '../tables/neutron-inventory.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {formatConnections} from './conntrack-list.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {formatRoutes} from './ip-route.ts';
import {formatRules} from './ip-rule.ts';
import {linkRows, neighbourRows} from './namespace-rows.ts';

type Place = {readonly node: NeutronChassis; readonly router: NeutronRouter};

/** The namespaces of routers on every node that could have them, by the names of node and router. */
export function namespaceExhibit(world: World, {chassis, inventory}: NeutronCloud): Exhibit {
  const places = new Map<string, Place>();
  for (const node of chassis) {
    if (node.role !== 'gateway') continue;
    for (const router of inventory.routers) places.set(`${node.name} qrouter-${router.name}`, {node, router});
  }
  const inside = (words: string, show: (router: RouterNamespace) => string): Tool => ({
    words,
    show: place => look(places.get(place)!, show),
  });
  return {
    title: 'namespaces of routers',
    places: [...places.keys()],
    alias: place => `${places.get(place)!.node.name} ${nameOf(places.get(place)!.router)}`,
    tools: [
      inside('ip addr', ({namespace}) => formatAddresses(linkRows(namespace))),
      inside('ip route', ({namespace}) => formatRoutes(namespace.routes(), 'static')),
      inside('ip rule', ({namespace}) => formatRules(namespace.rules)),
      inside('ip neigh', ({namespace}) => formatNeighbours(neighbourRows(namespace))),
      inside('iptables-save -t nat', ({translation}) => formatNatTable(translation.table)),
      inside('conntrack -L', ({translation: {connections}}) =>
        formatConnections(connections.list(world.now), world.now),
      ),
    ],
  };
}

/** A router that the node's agent has not made there has no namespace (ip/ipnetns.c, lib/namespace.c). */
function look({node, router}: Place, show: (router: RouterNamespace) => string): string {
  if (!node.management.on) return switchedOff(node.name);
  const there = node.linux.routers.get(router.number);
  return there ? show(there) : `Cannot open network namespace "${nameOf(router)}": No such file or directory\n`;
}

function nameOf({id}: NeutronRouter): string {
  return `qrouter-${id}`;
}
