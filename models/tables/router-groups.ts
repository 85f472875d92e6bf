import type {LogicalRouter, PortNumber, Topology} from './topology.ts';

/**
 * Logical routers that switches join, directly or by way of others. An external network is a switch like any other: all
 * routers with a port on it are together (northd.c, build_lrouter_groups).
 */
export type RouterGroup = {
  readonly routers: readonly LogicalRouter[];
  /** VM ports on any of their switches: where these are bound, `ref_chassis` of every router's gateways holds. */
  readonly ports: readonly PortNumber[];
};

/** Every router is in one group. Groups go in the order of their first router. */
export function routerGroups(topology: Topology): readonly RouterGroup[] {
  const groups: RouterGroup[] = [];
  const grouped = new Set<LogicalRouter>();
  for (const router of topology.routers) {
    if (grouped.has(router)) continue;
    const group = groupOf(router, topology);
    for (const member of group.routers) grouped.add(member);
    groups.push(group);
  }
  return groups;
}

function groupOf(first: LogicalRouter, topology: Topology): RouterGroup {
  const routers = new Set([first]);
  const switches = new Set(switchesOf(first));
  // Both sets grow while they are gone through.
  for (const network of switches) {
    for (const router of topology.routers) {
      const own = switchesOf(router);
      if (routers.has(router) || !own.includes(network)) continue;
      routers.add(router);
      for (const other of own) switches.add(other);
    }
  }
  const ports = [...switches].flatMap(network => topology.portsOn(network));
  return {routers: [...routers].sort((a, b) => a.number - b.number), ports};
}

function switchesOf({interfaces, external}: LogicalRouter) {
  return [...interfaces, ...(external ? [external] : [])].map(port => port.switch);
}
