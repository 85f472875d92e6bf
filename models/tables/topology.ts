import {Table} from '../../engine/table.ts';
import type {Time} from '../../engine/time.ts';
import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/** The number of a row; what it numbers is said by the name. */
export type ChassisNumber = number;
export type PortNumber = number;

export type LogicalSwitch = {
  readonly number: number;
  readonly name: string;
  /** The datapath's tunnel key, which is the VNI. */
  readonly key: number;
  readonly cidr: Cidr;
  /** The provider segment that its localnet port leads to. */
  readonly segment: string | undefined;
  readonly vlan: number | undefined;
};

export type RouterPort = {
  readonly switch: LogicalSwitch;
  readonly address: Ipv4;
  readonly mac: Mac;
};

export type NextHopBfd = {readonly minTx: Time; readonly minRx: Time; readonly detectMult: number};

export type Route = {
  readonly number: number;
  readonly prefix: Cidr;
  readonly nextHop: Ipv4;
  readonly bfd: NextHopBfd | undefined;
};

export type LogicalRouter = {
  readonly number: number;
  readonly name: string;
  readonly key: number;
  readonly interfaces: readonly RouterPort[];
  readonly external: RouterPort | undefined;
  /** Candidates for the gateway port, by the priorities of their `Gateway_Chassis` rows. */
  readonly gateways: readonly {readonly chassis: ChassisNumber; readonly priority: number}[];
  /** The chassisredirect port, which the active gateway claims. */
  readonly gatewayPort: PortNumber;
  /** The gateway port's key within the router's datapath. */
  readonly gatewayKey: number;
  /** Switches whose VMs leave with the router's address. */
  readonly snat: ReadonlySet<number>;
  readonly routes: readonly Route[];
};

export type FloatingAddress = {
  readonly address: Ipv4;
  readonly port: PortNumber;
  readonly router: LogicalRouter;
  /** The MAC it has of its own when it is distributed; undefined when the active gateway answers for it. */
  readonly mac: Mac | undefined;
};

/**
 * What does not change during a run: logical switches and routers, VM ports, floating addresses. Ports stand in columns,
 * because there may be a million.
 */
export class Topology {
  readonly chassis: readonly string[];
  readonly switches: readonly LogicalSwitch[];
  readonly routers: readonly LogicalRouter[];
  readonly #ports = new Table({address: 'word', mac: 'number', switch: 'row', chassis: 'row', key: 'row'});
  readonly #names: string[] = [];
  readonly #byAddress = new Map<number, PortNumber>();
  readonly #byMac = new Map<Mac, PortNumber>();
  readonly #bySwitch: PortNumber[][];
  readonly #byChassis: PortNumber[][];
  readonly #floating = new Map<Ipv4, FloatingAddress>();
  readonly #floatingByPort = new Map<PortNumber, FloatingAddress>();
  readonly #distributed: FloatingAddress[][];

  constructor(chassis: readonly string[], switches: readonly LogicalSwitch[], routers: readonly LogicalRouter[]) {
    this.chassis = chassis;
    this.switches = switches;
    this.routers = routers;
    this.#bySwitch = switches.map(() => []);
    this.#byChassis = chassis.map(() => []);
    this.#distributed = chassis.map(() => []);
  }

  /** How many VM ports there are; gateway ports are numbered after them. */
  get portCount(): number {
    return this.#ports.count;
  }

  addPort(name: string, network: LogicalSwitch, address: Ipv4, mac: Mac, chassis: ChassisNumber): PortNumber {
    const port = this.#ports.add();
    const {columns} = this.#ports;
    columns.address[port] = address;
    columns.mac[port] = mac;
    columns.switch[port] = network.number;
    columns.chassis[port] = chassis;
    columns.key[port] = this.#bySwitch[network.number].push(port) + 1;
    this.#byChassis[chassis].push(port);
    this.#names[port] = name;
    this.#byAddress.set(network.number * 0x1_0000_0000 + address, port);
    this.#byMac.set(mac, port);
    return port;
  }

  addFloating(floating: FloatingAddress): void {
    this.#floating.set(floating.address, floating);
    this.#floatingByPort.set(floating.port, floating);
    if (floating.mac !== undefined) this.#distributed[this.homeOf(floating.port)].push(floating);
  }

  portName(port: PortNumber): string {
    return this.#names[port] ?? `cr-${this.routers[port - this.portCount].name}`;
  }

  addressOf(port: PortNumber): Ipv4 {
    return this.#ports.columns.address[port];
  }

  macOf(port: PortNumber): Mac {
    return this.#ports.columns.mac[port];
  }

  switchOf(port: PortNumber): LogicalSwitch {
    return this.switches[this.#ports.columns.switch[port]];
  }

  /** Where the VM runs; the database may say otherwise for a while. */
  homeOf(port: PortNumber): ChassisNumber {
    return this.#ports.columns.chassis[port];
  }

  /** Ports of the VMs whose home it is. */
  portsAt(chassis: ChassisNumber): readonly PortNumber[] {
    return this.#byChassis[chassis];
  }

  keyOf(port: PortNumber): number {
    return this.#ports.columns.key[port];
  }

  portsOn(network: LogicalSwitch): readonly PortNumber[] {
    return this.#bySwitch[network.number];
  }

  portByAddress(network: LogicalSwitch, address: Ipv4): PortNumber | undefined {
    return this.#byAddress.get(network.number * 0x1_0000_0000 + address);
  }

  portByMac(network: LogicalSwitch, mac: Mac): PortNumber | undefined {
    const port = this.#byMac.get(mac);
    return port !== undefined && this.#ports.columns.switch[port] === network.number ? port : undefined;
  }

  /** The port of a switch with this tunnel key. */
  portByKey(network: LogicalSwitch, key: number): PortNumber | undefined {
    return this.#bySwitch[network.number][key - 2];
  }

  switchByKey(key: number): LogicalSwitch | undefined {
    return this.switches.find(network => network.key === key);
  }

  routerByKey(key: number): LogicalRouter | undefined {
    return this.routers.find(router => router.key === key);
  }

  /** The router port that a switch's VMs have as their gateway under this MAC. */
  routerPortByMac(network: LogicalSwitch, mac: Mac): {router: LogicalRouter; port: RouterPort} | undefined {
    for (const router of this.routers) {
      const port = router.interfaces.find(candidate => candidate.switch === network && candidate.mac === mac);
      if (port) return {router, port};
    }
    return undefined;
  }

  /** The router port on a switch that answers for this address. */
  routerPortByAddress(network: LogicalSwitch, address: Ipv4): RouterPort | undefined {
    for (const router of this.routers) {
      const port = router.interfaces.find(candidate => candidate.switch === network && candidate.address === address);
      if (port) return port;
    }
    return undefined;
  }

  floating(address: Ipv4): FloatingAddress | undefined {
    return this.#floating.get(address);
  }

  floatingOf(port: PortNumber): FloatingAddress | undefined {
    return this.#floatingByPort.get(port);
  }

  /** Distributed floating addresses of VMs whose home it is, in the order they were added. */
  distributedFloating(chassis: ChassisNumber): readonly FloatingAddress[] {
    return this.#distributed[chassis];
  }

  /** Central floating addresses of a router, in the order they were added. */
  centralFloating(router: LogicalRouter): readonly FloatingAddress[] {
    return [...this.#floating.values()].filter(({router: owner, mac}) => owner === router && mac === undefined);
  }
}

/** The interface of a router into whose network an address falls. */
export function interfaceFor(router: LogicalRouter, address: Ipv4): RouterPort | undefined {
  return router.interfaces.find(port => contains(port.switch.cidr, address));
}
