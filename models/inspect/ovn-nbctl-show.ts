import type {LogicalRouter, LogicalSwitch, RouterPort, Topology} from '../tables/topology.ts';
import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import {formatMac} from '../wire/mac.ts';
import {lines} from './lines.ts';
import {routerPortName, switchPortName} from './ovn-names.ts';
import {uuidOf} from '../tables/uuid.ts';

/** `ovn-nbctl show` of OVN 23.03 (utilities/ovn-nbctl.c), in the order of the scenario where rows go by a hash. */
export function formatNorthbound(topology: Topology): string {
  const {switches, routers} = topology;
  return lines([
    ...switches.flatMap(network => formatSwitch(network, topology)),
    ...routers.flatMap(router => formatRouter(router, topology)),
  ]);
}

function formatSwitch(network: LogicalSwitch, topology: Topology): readonly string[] {
  const attached = topology.routers.filter(router => portsOf(router).some(port => port.switch === network));
  return [
    `switch ${uuidOf('ovn', 'logical switch', network.name)} (${network.name})`,
    ...topology
      .portsOn(network)
      .flatMap(port => [
        `    port ${topology.portName(port)}`,
        `        addresses: ["${formatMac(topology.macOf(port))} ${formatIpv4(topology.addressOf(port))}"]`,
      ]),
    ...attached.flatMap(router => [
      `    port ${switchPortName(network, router)}`,
      '        type: router',
      `        router-port: ${routerPortName(router, network)}`,
    ]),
    ...formatLocalnet(network),
  ];
}

function formatLocalnet({name, segment, vlan}: LogicalSwitch): readonly string[] {
  if (segment === undefined) return [];
  return [
    `    port ln-${name}`,
    '        type: localnet',
    ...(vlan === undefined ? [] : [`        tag: ${vlan}`]),
    '        addresses: ["unknown"]',
  ];
}

function formatRouter(router: LogicalRouter, topology: Topology): readonly string[] {
  const {name, external, gateways} = router;
  const chassis = gateways.map(gateway => topology.chassis[gateway.chassis]).join(' ');
  return [
    `router ${uuidOf('ovn', 'logical router', name)} (${name})`,
    ...portsOf(router).flatMap(port => [
      `    port ${routerPortName(router, port.switch)}`,
      `        mac: "${formatMac(port.mac)}"`,
      `        networks: ["${formatIpv4(port.address)}/${port.switch.cidr.length}"]`,
      ...(port === external && chassis !== '' ? [`        gateway chassis: [${chassis}]`] : []),
    ]),
    ...natRows(router, topology).flatMap(({external: outside, logical, type}) => [
      `    nat ${uuidOf('ovn', 'nat', `${name} ${type} ${outside} ${logical}`)}`,
      `        external ip: "${outside}"`,
      `        logical ip: "${logical}"`,
      `        type: "${type}"`,
    ]),
  ];
}

function portsOf({interfaces, external}: LogicalRouter): readonly RouterPort[] {
  return external ? [...interfaces, external] : interfaces;
}

function natRows(router: LogicalRouter, topology: Topology) {
  const {external, interfaces, snat} = router;
  const masqueraded = interfaces.filter(port => external && snat.has(port.switch.number));
  const floating = topology.switches
    .flatMap(network => topology.portsOn(network))
    .flatMap(port => topology.floatingOf(port) ?? [])
    .filter(address => address.router === router);
  return [
    ...masqueraded.map(port => ({
      external: formatIpv4(external?.address ?? 0),
      logical: formatCidr(port.switch.cidr),
      type: 'snat',
    })),
    ...floating.map(({address, port}) => ({
      external: formatIpv4(address),
      logical: formatIpv4(topology.addressOf(port)),
      type: 'dnat_and_snat',
    })),
  ];
}
