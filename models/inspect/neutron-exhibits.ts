import type {NeutronCentral} from '../world/neutron/neutron-central.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {LinuxBridges} from '../dataplane/linux/linux-bridges.ts';
import {formatAgents, formatAgentsOf, type AgentListSettings} from './agent-list.ts';
import {byName} from './by-name.ts';
import {dhcpExhibit} from './dhcp-exhibit.ts';
import {formatBridges} from './brctl-show.ts';
import {formatFdb} from './bridge-fdb.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {firewallTools} from './firewall-tools.ts';
import {bridgeRows, bridgeSummaries} from './host-bridges.ts';
import {cardLinks, stationNeighbours} from './host-links.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours, type NeighbourRow} from './ip-neigh.ts';
import {lines} from './lines.ts';
import {switchTools} from './switch-tools.ts';
import {namespaceExhibits} from './namespace-exhibit.ts';

/** What a Neutron cloud has to show: its nodes, and the namespaces of routers on them. */
export function neutronExhibits(world: World, cloud: NeutronCloud): readonly Exhibit[] {
  const {chassis, central, inventory} = cloud;
  const onNode = (words: string, show: (node: NeutronChassis) => string): Tool => ({
    words,
    show: name => {
      const node = byName(chassis, name);
      return node.management.on ? show(node) : switchedOff(name);
    },
  });
  const onCentral = (words: string, show: (of: NeutronCentral) => string): Tool => ({
    words,
    show: name => (central.management.on ? show(central) : switchedOff(name)),
  });
  const hasBridges = chassis.every(({mechanism}) => mechanism.switching instanceof LinuxBridges);
  const bridgeTools = [
    onNode('brctl show', ({bridges, nics}) => formatBridges(bridgeSummaries(bridges, nics, inventory))),
    onNode('bridge fdb', ({bridges}) => formatFdb(bridgeRows(bridges, inventory))),
  ];
  return [
    {title: 'API', places: [''], tools: agentLists(world, cloud)},
    {
      title: 'nodes',
      places: chassis.map(({name}) => name),
      tools: [
        ...(hasBridges ? bridgeTools : switchTools(world, cloud, onNode)),
        onNode('ip netns', ({linux: {routers, dhcp}}) =>
          lines([...routers.values(), ...dhcp.values()].map(({namespace}) => namespace.name)),
        ),
        onNode('ip addr', ({nics}) => formatAddresses(cardLinks(nics, world.plan))),
        onNode('ip neigh', node => formatNeighbours(nodeNeighbours(node))),
        ...firewallTools(world, onNode, hasBridges),
      ],
    },
    ...namespaceExhibits(world, cloud),
    dhcpExhibit(cloud),
    {
      title: 'controller',
      places: [central.name],
      tools: [
        onCentral('ip addr', ({nics}) => formatAddresses(cardLinks(nics, world.plan))),
        onCentral('ip neigh', ({management}) => formatNeighbours(stationNeighbours(management, 'management'))),
      ],
    },
  ];
}

/** What the server says of its agents, and of those of each router, to who can reach it. */
function agentLists(world: World, {central, contents, inventory}: NeutronCloud): readonly Tool[] {
  const {agentDownTime = 0} = world.plan.neutron ?? {};
  const {chassis, routers} = inventory;
  const settings: AgentListSettings = {chassis, isAlive: row => world.now - row.lastReportAt <= agentDownTime};
  const tool = (words: string, show: () => string): Tool => ({
    words,
    show: () => (central.daemons['neutron-server'].running ? show() : noServer(central.name)),
  });
  return [
    tool('openstack network agent list', () => formatAgents(contents, settings)),
    ...routers.map(router =>
      tool(`openstack network agent list --router ${router.name} --long`, () =>
        formatAgentsOf(contents, router, settings),
      ),
    ),
  ];
}

/** What the client of the API says (keystoneauth1, session.py). */
function noServer(controller: string): string {
  return `Unable to establish connection to http://${controller}:9696/v2.0/\n`;
}

/** On the cards, and what VXLAN devices answer for. */
function nodeNeighbours({root, management, mechanism: {switching}}: NeutronChassis): readonly NeighbourRow[] {
  const underlay = [...root.interfaces].flatMap(([device, known]) =>
    [...known.neighbours()].map(({address, mac, state}) => ({address, device, mac, state})),
  );
  const vxlans = switching instanceof LinuxBridges ? [...switching.vxlans.values()] : [];
  const answered = vxlans.flatMap(device =>
    [...device.responders()].map(([address, mac]) => ({
      address,
      device: device.name,
      mac,
      state: 'permanent' as const,
    })),
  );
  return [...underlay, ...stationNeighbours(management, 'management'), ...answered];
}
