import {seconds} from '../../../../engine/time.ts';
import type {ArpProtection} from '../../../protocols/arp-protection.ts';
import type {FlowSpec, OfPort} from '../../../protocols/openflow/flow.ts';
import {deadVlan, type TunnelType} from '../../../tables/host-switch.ts';
import type {Ipv4} from '../../../wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../../wire/mac.ts';

// The flows of Neutron's bridges without distributed routing, whose tables 1 and 9 are empty here
// (openvswitch/agent/openflow/native: br_int.py, br_phys.py, br_tun.py; numbers from neutron-lib, ovs_constants.py).

/** Tables of br-int. */
export const integrationTables = {
  switching: 0,
  canary: 23,
  arpSpoofing: 24,
  macSpoofing: 25,
  localEgress: 30,
  localIp: 31,
  packetRateLimit: 59,
  transient: 60,
  transientEgress: 62,
} as const;

/** Tables of br-tun. */
export const tunnelTables = {
  classify: 0,
  fromInside: 2,
  gre: 3,
  vxlan: 4,
  geneve: 6,
  learn: 10,
  unicast: 20,
  arpResponder: 21,
  flood: 22,
} as const;

type Sketch = Omit<FlowSpec, 'cookie'>;

const highest = 65_535;
const nothing = {} as const;

function goto(table: number, to: number, priority = 0): Sketch {
  return {table, priority, match: nothing, actions: [{kind: 'goto', table: to}]};
}

function drop(table: number, priority = 0): Sketch {
  return {table, priority, match: nothing, actions: []};
}

/** What a port brings is dropped unless a better flow knows it (drop_port). */
export function dropPort(inPort: OfPort): Sketch {
  return {table: 0, priority: 2, match: {inPort}, actions: []};
}

export function integrationDefaults(): readonly Sketch[] {
  const {switching, canary, packetRateLimit, transient, arpSpoofing, transientEgress} = integrationTables;
  const {localEgress, localIp} = integrationTables;
  return [
    drop(canary),
    goto(switching, packetRateLimit),
    goto(packetRateLimit, transient),
    {table: transient, priority: 3, match: nothing, actions: [{kind: 'normal'}]},
    drop(arpSpoofing),
    {table: switching, priority: highest, match: {vlan: deadVlan}, actions: []},
    {table: transientEgress, priority: 3, match: nothing, actions: [{kind: 'normal'}]},
    goto(localEgress, packetRateLimit),
    goto(localIp, packetRateLimit),
  ];
}

/** What a port may send: ARP of its own addresses, and anything from its own MACs (setup_arp_spoofing_protection). */
export function protectionOf(inPort: OfPort, {macs, addresses}: ArpProtection): readonly Sketch[] {
  const {switching, arpSpoofing, macSpoofing, localEgress} = integrationTables;
  const to = (table: number): Sketch['actions'] => [{kind: 'goto', table}];
  const arp = {inPort, payload: 'arp'} as const;
  return [
    ...macs.map(source => ({table: macSpoofing, priority: 2, match: {inPort, source}, actions: to(localEgress)})),
    {table: switching, priority: 9, match: {inPort}, actions: to(macSpoofing)},
    ...(addresses ?? []).map(arpSource => ({
      ...{table: arpSpoofing, priority: 2, match: {...arp, arpSource}},
      actions: to(macSpoofing),
    })),
    ...(addresses ? [{table: switching, priority: 10, match: arp, actions: to(arpSpoofing)}] : []),
  ];
}

export function providerDefaults(): readonly Sketch[] {
  return [{table: 0, priority: 0, match: nothing, actions: [{kind: 'normal'}]}];
}

/** What comes in from a provider segment gets the local VLAN of its network. */
export function fromProvider(inPort: OfPort, local: number, tag: number | undefined): Sketch {
  const set = {kind: 'set vlan', vlan: local} as const;
  const go = {kind: 'goto', table: integrationTables.packetRateLimit} as const;
  return {table: 0, priority: 3, match: {inPort, vlan: tag ?? 'none'}, actions: [set, go]};
}

/** What goes out to a provider segment gets the tag that its network has there. */
export function toProvider(inPort: OfPort, local: number, tag: number | undefined): Sketch {
  const change = tag === undefined ? ({kind: 'strip vlan'} as const) : ({kind: 'set vlan', vlan: tag} as const);
  return {table: 0, priority: 4, match: {inPort, vlan: local}, actions: [change, {kind: 'normal'}]};
}

export type TunnelOptions = {
  readonly arpResponder: boolean;
  /** Whether gratuitous ARP teaches by a flow of its own. */
  readonly learnsFromAnnouncements: boolean;
};

export function tunnelDefaults(
  patch: OfPort,
  cookie: string,
  {arpResponder, learnsFromAnnouncements}: TunnelOptions,
): readonly Sketch[] {
  const {classify, fromInside, gre, vxlan, geneve, learn, unicast, arpResponder: responder, flood} = tunnelTables;
  const lesson: Sketch['actions'] = [
    {kind: 'learn', table: unicast, priority: 1, hardTimeout: seconds(300), cookie},
    {kind: 'output', port: patch},
  ];
  return [
    {table: classify, priority: 1, match: {inPort: patch}, actions: [{kind: 'goto', table: fromInside}]},
    drop(classify),
    ...(arpResponder
      ? [
          {
            ...{table: fromInside, priority: 1, match: {payload: 'arp', destination: broadcastMac} as const},
            actions: [{kind: 'goto', table: responder} as const],
          },
        ]
      : []),
    {table: fromInside, priority: 0, match: {group: false}, actions: [{kind: 'goto', table: unicast}]},
    {table: fromInside, priority: 0, match: {group: true}, actions: [{kind: 'goto', table: flood}]},
    drop(gre),
    drop(vxlan),
    drop(geneve),
    ...(learnsFromAnnouncements
      ? [{table: learn, priority: 2, match: {payload: 'arp', arpTargetMac: broadcastMac} as const, actions: lesson}]
      : []),
    {table: learn, priority: 1, match: nothing, actions: lesson},
    goto(unicast, flood),
    ...(arpResponder ? [goto(responder, flood)] : []),
    drop(flood),
  ];
}

/** What comes in by a tunnel is looked at by its network. */
export function fromTunnel(inPort: OfPort, type: TunnelType): Sketch {
  return {table: 0, priority: 1, match: {inPort}, actions: [{kind: 'goto', table: tunnelTables[type]}]};
}

/** A network that is here gets its local VLAN. */
export function intoNetwork(type: TunnelType, tunnel: number, local: number): Sketch {
  const set = {kind: 'set vlan', vlan: local} as const;
  return {
    ...{table: tunnelTables[type], priority: 1, match: {tunnel}},
    actions: [set, {kind: 'goto', table: tunnelTables.learn}],
  };
}

export function floodTo(local: number, tunnel: number, ports: readonly OfPort[]): Sketch {
  return {
    ...{table: tunnelTables.flood, priority: 1, match: {vlan: local}},
    actions: [
      {kind: 'strip vlan'},
      {kind: 'set tunnel', tunnel},
      ...ports.map(port => ({kind: 'output', port}) as const),
    ],
  };
}

export function unicastTo(local: number, tunnel: number, port: OfPort, destination: Mac): Sketch {
  return {
    ...{table: tunnelTables.unicast, priority: 2, match: {vlan: local, destination}},
    actions: [{kind: 'strip vlan'}, {kind: 'set tunnel', tunnel}, {kind: 'output', port}],
  };
}

export function answerFor(local: number, address: Ipv4, mac: Mac): Sketch {
  return {
    ...{table: tunnelTables.arpResponder, priority: 1, match: {payload: 'arp', vlan: local, arpTarget: address}},
    actions: [{kind: 'answer arp', address, mac}],
  };
}
