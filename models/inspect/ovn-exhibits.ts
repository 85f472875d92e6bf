import type {PortNumber} from '../tables/topology.ts';
import type {Central} from '../world/ovn/central.ts';
import type {Chassis} from '../world/ovn/chassis.ts';
import type {OvnCloud} from '../world/ovn/ovn-cloud.ts';
import type {World} from '../world/world.ts';
import {formatBfd} from './bfd-show.ts';
import {byName} from './by-name.ts';
import {formatDatapathConnections} from './dpctl-conntrack.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {cardLinks, stationNeighbours} from './host-links.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {gatewayPortName} from './ovn-names.ts';
import {formatNorthbound} from './ovn-nbctl-show.ts';
import {formatSouthbound} from './ovn-sbctl-show.ts';
import {formatTunnelNeighbours} from './tnl-neigh-show.ts';
import {noVswitchd, vswitchdHangs} from './no-vswitchd.ts';

/** The bridge that holds a chassis' tunnel endpoint and the card of the underlay. */
const underlayBridge = 'br-underlay';

const noServer = 'ovn-sbctl: unix:/var/run/ovn/ovnsb_db.sock: database connection failed (Connection refused)\n';

/** What an OVN cloud has to show: its databases, and each chassis. */
export function ovnExhibits(world: World, cloud: OvnCloud): readonly Exhibit[] {
  const {chassis, central, topology} = cloud;
  const onChassis = (words: string, show: (of: Chassis) => string): Tool => ({
    words,
    show: name => show(byName(chassis, name)),
  });
  return [
    {
      title: 'databases',
      places: [''],
      tools: [
        {words: 'ovn-nbctl show', show: () => formatNorthbound(topology)},
        {words: 'ovn-sbctl show', show: () => southbound(cloud)},
      ],
    },
    {
      title: 'chassis',
      places: chassis.map(({name}) => name),
      tools: [
        onChassis('ovs-appctl bfd/show', of => askVswitchd(of, () => bfd(world, cloud, of))),
        onChassis('ovs-appctl dpctl/dump-conntrack', of =>
          askVswitchd(of, () => formatDatapathConnections(of.bridge.connections())),
        ),
        onChassis('ovs-appctl tnl/neigh/show', of => askVswitchd(of, () => tunnelNeighbours(of))),
        onChassis('ip addr', of => machineAddresses(world, of)),
        onChassis('ip neigh', machineNeighbours),
      ],
    },
    {
      title: 'controller',
      places: [central.name],
      tools: [
        {words: 'ip addr', show: () => machineAddresses(world, central)},
        {words: 'ip neigh', show: () => machineNeighbours(central)},
      ],
    },
  ];
}

function southbound({chassis, central, contents, topology}: OvnCloud): string {
  if (!central.daemons['ovsdb-server-sb'].running) return noServer;
  const {latest} = contents;
  const ports = new Map<number, string[]>(chassis.map(({number}) => [number, []]));
  const claim = (port: PortNumber, name: string): void => {
    ports.get(contents.read('Port_Binding', port, latest))?.push(name);
  };
  for (let port = 0; port < topology.portCount; port++) claim(port, topology.portName(port));
  for (const router of topology.routers) claim(router.gatewayPort, gatewayPortName(router));
  return formatSouthbound(
    chassis
      .filter(({number}) => contents.read('Chassis', number, latest) === 1)
      .map(of => ({name: of.name, endpoint: of.nic('underlay').address, ports: ports.get(of.number)!})),
  );
}

/** A process that stands still answers when it goes on. */
function askVswitchd(of: Chassis, show: () => string): string {
  if (!of.management.on) return switchedOff(of.name);
  const daemon = of.daemons['ovs-vswitchd'];
  if (!daemon.running) return noVswitchd;
  return daemon.hung ? vswitchdHangs('ovs-appctl', of.name) : show();
}

function bfd({now}: World, {topology}: OvnCloud, {vswitchd, database}: Chassis): string {
  return formatBfd(
    database.peers.flatMap(peer => {
      const session = vswitchd.session(peer)?.session;
      return session ? [{device: `ovn-${topology.chassis[peer]}-0`, details: session.details(now)}] : [];
    }),
  );
}

function tunnelNeighbours({tunnels}: Chassis): string {
  return formatTunnelNeighbours(tunnels.neighbours().map(row => ({...row, bridge: underlayBridge})));
}

function machineAddresses({plan}: World, {name, nics, management}: Chassis | Central): string {
  return management.on ? formatAddresses(cardLinks(nics, plan)) : switchedOff(name);
}

function machineNeighbours({name, management}: Chassis | Central): string {
  return management.on ? formatNeighbours(stationNeighbours(management, 'management')) : switchedOff(name);
}
