import type {DhcpNamespace} from '../dataplane/linux/dhcp-namespace.ts';
import type {NeutronNetwork} from '../tables/neutron-inventory.ts';
import {formatIpv4} from '../wire/ipv4.ts';
import {metadataAddress} from '../wire/metadata.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import {formatHosts, formatLeases, formatOptions} from './dnsmasq-files.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {formatAddresses} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {formatRoutes} from './ip-route.ts';
import {linkRows, neighbourRows} from './namespace-rows.ts';
import {formatListener} from './ss-listen.ts';

type Place = {readonly node: NeutronChassis; readonly network: NeutronNetwork};

/** The namespaces of DHCP servers on every node that could have them, and the files that their dnsmasq reads and writes. */
export function dhcpExhibit({chassis, inventory}: NeutronCloud): Exhibit {
  const places = new Map<string, Place>();
  for (const node of chassis.filter(({role}) => role === 'gateway')) {
    for (const network of inventory.networks) {
      if (network.dhcp) places.set(`${node.name} qdhcp-${network.name}`, {node, network});
    }
  }
  const inside = (words: string, show: (dhcp: DhcpNamespace) => string): Tool => ({
    words,
    show: place => look(places.get(place)!, show),
  });
  const file = (name: string, show: (place: Place) => string): Tool => ({
    words: `cat ${name}`,
    show: place => read(places.get(place)!, name, show),
  });
  return {
    title: 'namespaces of DHCP servers',
    places: [...places.keys()],
    alias: place => `${places.get(place)!.node.name} ${nameOf(places.get(place)!.network)}`,
    tools: [
      inside('ip addr', ({namespace}) => formatAddresses(linkRows(namespace))),
      inside('ip route', ({namespace}) => formatRoutes(namespace.routes(), 'static')),
      inside('ip neigh', ({namespace}) => formatNeighbours(neighbourRows(namespace))),
      inside('ss -tln', ({proxy}) => formatListener(proxy, formatIpv4(metadataAddress))),
      file('host', ({node, network}) => formatHosts(node.linux.dhcpFiles.get(network.number)!)),
      file('leases', ({node, network}) => formatLeases(node.linux.leasesOf(network.number))),
      file('opts', ({node, network}) =>
        formatOptions(node.linux.dhcpFiles.get(network.number)!, network.dhcp?.subnetId ?? ''),
      ),
    ],
  };
}

function look({node, network}: Place, show: (dhcp: DhcpNamespace) => string): string {
  if (!node.management.on) return switchedOff(node.name);
  const there = node.linux.dhcp.get(network.number);
  return there ? show(there) : `Cannot open network namespace "${nameOf(network)}": No such file or directory\n`;
}

/** A network that the node's agent never served has no files. */
function read(place: Place, name: string, show: (place: Place) => string): string {
  const {node, network} = place;
  if (!node.management.on) return switchedOff(node.name);
  if (node.linux.dhcpFiles.has(network.number)) return show(place);
  return `cat: /var/lib/neutron/dhcp/${network.id}/${name}: No such file or directory\n`;
}

function nameOf({id}: NeutronNetwork): string {
  return `qdhcp-${id}`;
}
