import {seconds, type Time} from '../../../engine/time.ts';
import {
  keepalivedDefaults,
  type KeepalivedConfiguration,
  type VirtualAddress,
  type VirtualRoute,
} from '../../protocols/keepalived-configuration.ts';
import {
  routerDevice,
  type FloatingNumber,
  type NeutronInventory,
  type NeutronPortNumber,
  type RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import {contains, formatIpv4, type Ipv4} from '../../wire/ipv4.ts';
import {traitsOf} from './releases.ts';
import type {NeutronSettings} from './settings.ts';

/** What of a router is on a host so far. */
export type HaContents = {
  readonly interfaces: Iterable<NeutronPortNumber>;
  readonly gateway: NeutronPortNumber | undefined;
  readonly floating: Iterable<FloatingNumber>;
};

/** neutron/agent/linux/keepalived.py: HA_DEFAULT_PRIORITY, GARP_PRIMARY_DELAY, PRIMARY_VIP_RANGE_SIZE. */
const priority = 50;
const garpMasterDelay: Time = seconds(60);
const primaryRange = {address: 0xa9_fe_00_00, length: 24};

/** The address that says who is primary: by the router's number, so that all its agents agree (get_primary_vip). */
export function primaryAddress(virtualRouterId: number): Ipv4 {
  return primaryRange.address + virtualRouterId;
}

/**
 * keepalived.conf of a router on one of its hosts (neutron/agent/linux/keepalived.py, KeepalivedInstance): all hosts alike,
 * so that they decide among themselves.
 */
export function haConfiguration(
  inventory: NeutronInventory,
  router: RouterNumber,
  chassis: ChassisNumber,
  contents: HaContents,
  {release, haVrrpAdvertInt, haVrrpHealthCheckInterval}: NeutronSettings,
): KeepalivedConfiguration {
  const {ha} = inventory.routers[router];
  const haPort = ha?.ports.get(chassis);
  if (!ha || haPort === undefined) throw new Error(`router ${router} has no HA port on chassis ${chassis}`);
  const device = routerDevice(inventory.ports[haPort]);
  const primary: VirtualAddress = {
    ...{address: primaryAddress(ha.virtualRouterId), length: primaryRange.length},
    ...{device, noTrack: false},
  };
  const noTrack = !traitsOf(release).tracksVirtualInterfaces;
  const virtualRoutes = routesOf(inventory, router, contents, noTrack);
  const check = `ha_health_check_${ha.virtualRouterId}`;
  const isChecked = haVrrpHealthCheckInterval > 0 && virtualRoutes.some(({prefix}) => prefix.length === 0);
  return {
    globals: keepalivedDefaults,
    scripts: isChecked ? [{name: check, interval: haVrrpHealthCheckInterval, rise: 2, fall: 2}] : [],
    instances: [
      {
        ...{name: `VR_${ha.virtualRouterId}`, state: 'backup', interface: device},
        ...{virtualRouterId: ha.virtualRouterId, priority, version: undefined, advertInt: haVrrpAdvertInt},
        ...{nopreempt: true, preemptDelay: 0, downTimerAdverts: undefined, dontTrackPrimary: false, garpMasterDelay},
        ...{garpMasterRepeat: undefined, garpMasterRefresh: undefined, garpMasterRefreshRepeat: undefined},
        ...{garpLowerPrioDelay: undefined, garpLowerPrioRepeat: undefined},
        ...{lowerPrioNoAdvert: undefined, higherPrioSendAdvert: undefined},
        virtualAddresses: [primary],
        excludedAddresses: excludedOf(inventory, contents, noTrack),
        virtualRoutes,
        trackInterface: [{name: device, weight: 0, reverse: false}],
        trackScript: isChecked ? [{name: check, weight: 0, reverse: false}] : [],
      },
    ],
  };
}

/** Addresses of interfaces, of the gateway and floating ones, in the order of their text (_build_vips_config). */
function excludedOf(inventory: NeutronInventory, contents: HaContents, noTrack: boolean): readonly VirtualAddress[] {
  const {gateway} = contents;
  const own = [...contents.interfaces, ...(gateway === undefined ? [] : [gateway])].map((number): VirtualAddress => {
    const port = inventory.ports[number];
    const {length} = inventory.networks[port.network].cidr;
    return {address: port.address, length, device: routerDevice(port), noTrack};
  });
  const floating = [...contents.floating].flatMap((number): readonly VirtualAddress[] => {
    if (gateway === undefined) return [];
    const {address} = inventory.floating[number];
    return [{address, length: 32, device: routerDevice(inventory.ports[gateway]), noTrack}];
  });
  const text = ({address, length}: VirtualAddress): string => `${formatIpv4(address)}/${length}`;
  return [...own, ...floating].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** The default route by the external gateway, then the router's own routes, whose device the kernel finds. */
function routesOf(
  inventory: NeutronInventory,
  router: RouterNumber,
  {interfaces, gateway}: HaContents,
  noTrack: boolean,
): readonly VirtualRoute[] {
  const ports = [...(gateway === undefined ? [] : [gateway]), ...interfaces].map(number => inventory.ports[number]);
  const outside = gateway === undefined ? undefined : inventory.networks[inventory.ports[gateway].network].gateway;
  const isDefault = (route: {readonly prefix: {readonly length: number}; readonly nextHop: Ipv4}): boolean =>
    route.prefix.length === 0 && route.nextHop === outside;
  const own = inventory.routers[router].routes.filter(route => !isDefault(route));
  const all = [
    ...(outside === undefined ? [] : [{prefix: {address: 0, length: 0}, nextHop: outside}]),
    ...own.map(({prefix, nextHop}) => ({prefix, nextHop})),
  ];
  return all.flatMap(({prefix, nextHop: via}): readonly VirtualRoute[] => {
    const port = ports.find(({network}) => contains(inventory.networks[network].cidr, via));
    return port ? [{prefix, via, device: routerDevice(port), noTrack}] : [];
  });
}
