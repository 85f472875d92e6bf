import type {Segment} from '../dataplane/segment.ts';
import type {Station} from '../dataplane/station.ts';
import type {OwnAddress} from '../protocols/arp-policy.ts';
import {networkOf} from '../wire/ipv4.ts';
import type {World} from '../world/world.ts';
import {formatFdb} from './bridge-fdb.ts';
import {byName} from './by-name.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {stationNeighbours} from './host-links.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {formatRoutes} from './ip-route.ts';
import {endsOf, type PlannedEnd} from './planned-ends.ts';

/** The interface of a machine that has one. */
const device = 'eth0';

/** What every cloud stands on: VMs, who is outside, and physical switches. */
export function siteExhibits(world: World): readonly Exhibit[] {
  const {plan, site} = world;
  const ends = new Map(endsOf(world).map(end => [end.name, end]));
  const outside = [...ends.keys()].filter(name => !plan.vms.some(vm => vm.name === name));
  return [
    {title: 'virtual machines', places: plan.vms.map(({name}) => name), tools: machineTools(world, ends)},
    {title: 'hosts and routers outside', places: outside, tools: machineTools(world, ends)},
    {
      title: 'hosts behind upstream routers',
      places: plan.hosts.filter(({behindGateway}) => behindGateway).map(({name}) => name),
      tools: [],
      remark: 'have no stack of their own; their router outside has',
    },
    {
      title: 'physical switches',
      places: plan.segments.map(({name}) => name),
      tools: [{words: 'bridge fdb', show: name => switchFdb(byName(site.segments.values(), name))}],
    },
  ];
}

/** Of a VM that has neither sent nor heard anything there is no more than the plan. */
function machineTools({site}: World, ends: ReadonlyMap<string, PlannedEnd>): readonly Tool[] {
  const ofMachine = (words: string, show: (end: PlannedEnd) => string): Tool => ({
    words,
    show: name => (site.stations.get(name)?.on === false ? switchedOff(name) : show(ends.get(name)!)),
  });
  return [
    ofMachine('ip addr', ({name, mac, mtu, address, network}) => {
      const carrier = site.cardOf(name)?.carrier ?? true;
      const planned = {address, length: network.length};
      const station = site.stations.get(name);
      const addresses = ownOf(station, planned);
      return formatAddresses([{name: device, mac: station?.mac ?? mac, mtu, qdisc: 'fq_codel', carrier, addresses}]);
    }),
    ofMachine('ip route', ({name, address, network, gateway}) => {
      const station = site.stations.get(name);
      const planned = gateway === undefined ? [] : [{prefix: {address: 0, length: 0}, via: gateway}];
      const routes = station ? (station.addressing?.routes ?? []) : planned;
      return formatRoutes([
        ...routes.map(({prefix, via}) => ({prefix, device, via: via === 0 ? undefined : via, source: undefined})),
        ...ownOf(station, {address, length: network.length}).map(own => {
          return {prefix: networkOf(own), device, via: undefined, source: own.address};
        }),
      ]);
    }),
    ofMachine('ip neigh', ({name}) => formatNeighbours(stationNeighbours(site.stations.get(name), device))),
  ];
}

/** The address that a machine has now: what it is planned to have is not always what DHCP gave it. */
function ownOf(station: Station | undefined, planned: OwnAddress): readonly OwnAddress[] {
  if (!station) return [planned];
  const {addressing} = station;
  return addressing ? [{address: addressing.address, length: addressing.network.length}] : [];
}

/** A physical switch in the words of a Linux bridge, which it is modelled as; its ports are called by who is plugged in. */
function switchFdb(segment: Segment): string {
  return formatFdb(segment.learnt().map(({mac, vlan, host}) => ({mac, vlan, device: host, bridge: segment.name})));
}
