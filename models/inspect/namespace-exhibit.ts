import {syncGroup} from '../dataplane/conntrackd/sync-channel.ts';
import type {RouterNamespace} from '../dataplane/linux/router-namespace.ts';
import {formatNatTable} from '../protocols/iptables-save.ts';
import type {NeutronRouter} from '../tables/neutron-inventory.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {formatConnections} from './conntrack-list.ts';
import {formatConntrackdConf} from './conntrackd-conf.ts';
import {formatCache, formatCacheCounters} from './conntrackd-dump.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {formatRoutes} from './ip-route.ts';
import {formatRules} from './ip-rule.ts';
import {formatKeepalivedConf} from './keepalived-conf.ts';
import {keepalivedData} from './keepalived-data.ts';
import {lines} from './lines.ts';
import {linkRows, neighbourRows} from './namespace-rows.ts';
import {formatListener} from './ss-listen.ts';

type Place = {readonly node: NeutronChassis; readonly router: NeutronRouter};

/**
 * The namespaces of routers on every node that could have them, by the names of node and router; of highly available ones
 * also what the L3 agent has written for them, and keepalived.
 */
export function namespaceExhibits(world: World, {chassis, inventory}: NeutronCloud): readonly Exhibit[] {
  const places = new Map<string, Place>();
  for (const node of chassis) {
    if (node.role !== 'gateway') continue;
    for (const router of inventory.routers) places.set(`${node.name} qrouter-${router.name}`, {node, router});
  }
  const namesOf = (isMeant: (router: NeutronRouter) => boolean): readonly string[] =>
    [...places].filter(([, {router}]) => isMeant(router)).map(([name]) => name);
  const inside = (words: string, show: (router: RouterNamespace) => string): Tool => ({
    words,
    show: place => look(places.get(place)!, show),
  });
  const file = (name: string, show: (place: Place) => string | undefined): Tool => ({
    words: `cat ${name}`,
    show: place => read(places.get(place)!, name, show),
  });
  const alias = (place: string): string => `${places.get(place)!.node.name} ${nameOf(places.get(place)!.router)}`;
  const tools = [
    inside('ip addr', ({namespace}) => formatAddresses(linkRows(namespace))),
    inside('ip route', ({namespace}) => formatRoutes(namespace.routes(), 'static')),
    inside('ip rule', ({namespace}) => formatRules(namespace.rules)),
    inside('ip neigh', ({namespace}) => formatNeighbours(neighbourRows(namespace))),
    inside('iptables-save -t nat', ({translation}) => formatNatTable(translation.table)),
    inside('ss -tln', ({proxy}) => formatListener(proxy, '0.0.0.0')),
    inside('conntrack -L', ({translation: {connections}}) => formatConnections(connections.list(world.now), world.now)),
  ];
  const ofReplicated = [
    file('keepalived.conf', ({node: {haHost}, router}) => {
      const {namesRouteProtocol: namesProtocol} = haHost.traits;
      const written = haHost.configurationFiles.get(router.number);
      return written && formatKeepalivedConf(written, {folder: folderOf(router), namesProtocol});
    }),
    file('state', ({node: {haHost}, router}) => {
      const state = haHost.stateFiles.get(router.number);
      if (state === undefined) return undefined;
      return lines([state === 'primary' && !haHost.traits.callsItPrimary ? 'master' : state]);
    }),
    inside('cat /tmp/keepalived.data', ({replicated}) => keepalivedData(replicated?.keepalived.vrrp)),
    file('conntrackd.conf', place => conntrackdConf(place)),
    inside('conntrackd -i', ({replicated}) => formatCache(replicated?.conntrackd?.machine, 'internal', world.now)),
    inside('conntrackd -e', ({replicated}) => formatCache(replicated?.conntrackd?.machine, 'external', world.now)),
    inside('conntrackd -s', ({replicated}) => formatCacheCounters(replicated?.conntrackd?.machine)),
  ];
  return [
    {title: 'namespaces of routers', places: namesOf(({ha}) => !ha), alias, tools},
    {
      title: 'namespaces of highly available routers',
      places: namesOf(({ha}) => ha !== undefined),
      alias,
      tools: [...ofReplicated, ...tools],
    },
  ];
}

/** A router that the node's agent has not made there has no namespace (ip/ipnetns.c, lib/namespace.c). */
function look({node, router}: Place, show: (router: RouterNamespace) => string): string {
  if (!node.management.on) return switchedOff(node.name);
  const there = node.linux.routers.get(router.number);
  return there ? show(there) : `Cannot open network namespace "${nameOf(router)}": No such file or directory\n`;
}

/** A router that the node's agent never had has no folder. */
function read(place: Place, name: string, show: (place: Place) => string | undefined): string {
  if (!place.node.management.on) return switchedOff(place.node.name);
  return show(place) ?? `cat: ${folderOf(place.router)}/${name}: No such file or directory\n`;
}

/** It is written where conntrackd is started. */
function conntrackdConf({node, router}: Place): string | undefined {
  const running = node.linux.routers.get(router.number)?.replicated?.conntrackd?.settings;
  if (!running) return undefined;
  const {limit: hashLimit, address, device, port} = running;
  return formatConntrackdConf({folder: folderOf(router), hashLimit, address, device, port, group: syncGroup});
}

function folderOf({id}: NeutronRouter): string {
  return `/var/lib/neutron/ha_confs/${id}`;
}

function nameOf({id}: NeutronRouter): string {
  return `qrouter-${id}`;
}
