import {formatFilterTable} from '../protocols/iptables-filter-save.ts';
import type {FilterTable} from '../protocols/filter-rules.ts';
import {hostFilterTable, type HostFilters} from '../protocols/port-filter.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {World} from '../world/world.ts';
import {formatConnections} from './conntrack-list.ts';
import {formatProtections} from './ebtables-list.ts';
import type {Tool} from './exhibit.ts';
import {formatSets} from './ipset-list.ts';

type OnNode = (words: string, show: (node: NeutronChassis) => string) => Tool;

/** What filters the ports of a node. `hasBridges`: of Linux bridges, where ebtables has a part in it. */
export function firewallTools(world: World, onNode: OnNode, hasBridges: boolean): readonly Tool[] {
  const ebtables = onNode('ebtables -t nat -L', ({firewall}) => formatProtections(firewall.protections));
  return [
    onNode('iptables-save -t filter', ({firewall}) => formatFilterTable(tableOf(firewall.filters))),
    onNode('ipset list', ({firewall}) => formatSets(firewall.sets, tableOf(firewall.filters))),
    ...(hasBridges ? [ebtables] : []),
    onNode('conntrack -L', ({firewall: {connections}}) => formatConnections(connections.list(world.now), world.now)),
  ];
}

/** Before an agent has written anything there are the built-in chains alone. */
function tableOf(filters: HostFilters): FilterTable {
  if (filters.prefix !== '') return hostFilterTable(filters);
  return new Map([
    ['INPUT', []],
    ['FORWARD', []],
    ['OUTPUT', []],
  ]);
}
