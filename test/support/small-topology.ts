import {Topology, type LogicalRouter, type LogicalSwitch} from '../../models/tables/topology.ts';
import {parseCidr, parseIpv4, type Ipv4} from '../../models/wire/ipv4.ts';

export type SmallTopology = {
  /** In the order of their numbers. */
  readonly chassis?: readonly string[];
  /** One router for each list, with its gateways by name, the best first. */
  readonly gateways?: readonly (readonly string[])[];
  /** The chassis of one VM each, on the network of the router with that index. */
  readonly vms?: readonly (readonly string[])[];
};

export const gatewayNames = ['gw1', 'gw2', 'gw3'];
export const benchChassis = [...gatewayNames, 'cn1', 'cn2', 'cn3'];

/** Routers r1, r2, … each with a network of its own and a port on one external network, and VMs behind them. */
export function smallTopology(options: SmallTopology = {}): Topology {
  const {chassis = benchChassis, gateways = [gatewayNames], vms = [['cn1', 'cn2']]} = options;
  const outside = network(0, 'public', '10.0.2.0/24', 'provider');
  const inside = gateways.map((_, index) =>
    network(index + 1, `ls${index + 1}`, `172.16.${index + 1}.0/24`, undefined),
  );
  const count = vms.reduce((sum, homes) => sum + homes.length, 0);
  const routers = gateways.map((names, number): LogicalRouter => ({
    number,
    name: `r${number + 1}`,
    key: 100 + number,
    interfaces: [{switch: inside[number], address: ip(`172.16.${number + 1}.1`), mac: 0x02_aa_00_00_00_10 + number}],
    external: {switch: outside, address: ip(`10.0.2.${2 + number}`), mac: 0x02_aa_00_00_00_20 + number},
    gateways: names.map((name, index) => ({chassis: chassis.indexOf(name), priority: 30 - index})),
    gatewayPort: count + number,
    gatewayKey: 3,
    snat: new Set(),
    routes: [],
  }));
  const topology = new Topology(chassis, [outside, ...inside], routers);
  let made = 0;
  for (const [index, homes] of vms.entries()) {
    for (const home of homes) {
      made += 1;
      const address = ip(`172.16.${index + 1}.${10 + made}`);
      topology.addPort(`vm${made}`, inside[index], address, 0x02_00_00_00_01_00 + made, chassis.indexOf(home));
    }
  }
  return topology;
}

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function network(number: number, name: string, text: string, segment: string | undefined): LogicalSwitch {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no network`);
  return {number, name, key: 1 + number, cidr, segment, vlan: undefined};
}
