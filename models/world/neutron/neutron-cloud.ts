import {settleHost} from '../../control/neutron/settle-host.ts';
import {Station} from '../../dataplane/station.ts';
import type {NatSample} from '../../events/results.ts';
import type {Operation} from '../../faults/operation.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import {NeutronContents} from '../../tables/neutron-contents.ts';
import type {FloatingNumber, NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import {formatIpv4, type Ipv4} from '../../wire/ipv4.ts';
import type {Cloud} from '../cloud.ts';
import type {Site} from '../site.ts';
import type {NeutronPlan} from '../world-plan.ts';
import {makeInventory} from './make-inventory.ts';
import {NeutronCentral} from './neutron-central.ts';
import {NeutronChassis} from './neutron-chassis.ts';

/** A Neutron cloud: hosts with Linux bridges and agents, and a controller with the message bus and neutron-server. */
export class NeutronCloud implements Cloud {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly chassis: readonly NeutronChassis[];
  readonly central: NeutronCentral;
  readonly #site: Site;
  readonly #plan: NeutronPlan;
  readonly #vms = new Map<NeutronPortNumber, Station>();
  readonly #ports: ReadonlyMap<string, NeutronPortNumber>;
  /** Where each VM runs, or will when it is started. */
  readonly #homes = new Map<NeutronPortNumber, ChassisNumber>();
  readonly #homeFacts: KeyedFacts;

  constructor(site: Site, plan: NeutronPlan) {
    this.#site = site;
    this.#plan = plan;
    this.#homeFacts = new KeyedFacts(site.ground.ledger);
    this.inventory = makeInventory(site.plan);
    const off = new Set(site.plan.vms.flatMap(({isOff}, port) => (isOff ? [port] : [])));
    this.contents = this.#makeContents(off);
    this.#ports = new Map(site.plan.vms.map(({name}, port) => [name, port]));
    this.central = this.#makeCentral();
    this.chassis = this.inventory.chassis.map((name, number) => this.#makeChassis(name, number));
    for (const {number, home} of this.inventory.ports) {
      if (home === undefined) continue;
      this.#homes.set(number, home);
      if (off.has(number)) this.vmBehind(number).switch(false);
      else this.chassis[home].addVm(number);
    }
    site.makeOutside(
      address => this.routerFor(address),
      () => undefined,
    );
  }

  get machines(): Cloud['machines'] {
    return [...this.chassis, this.central];
  }

  vm(name: string): Station | undefined {
    const port = this.#ports.get(name);
    return port === undefined ? undefined : this.vmBehind(port);
  }

  /** The VM behind a port. */
  vmBehind(port: NeutronPortNumber): Station {
    let station = this.#vms.get(port);
    if (!station) {
      station = this.#makeVm(port);
      this.#vms.set(port, station);
      this.#site.stations.set(station.name, station);
    }
    return station;
  }

  routerFor(address: Ipv4): Ipv4 | undefined {
    const {floating, routers, ports} = this.inventory;
    const owner = floating.find(candidate => candidate.address === address)?.router;
    const gateways = routers.flatMap(({gateway}) => (gateway === undefined ? [] : [ports[gateway]]));
    return gateways.find(port => port.router === owner || port.address === address)?.address;
  }

  /** The network node that it is scheduled to first, then the others. */
  hostsOf(name: string): readonly string[] {
    const router = this.inventory.routers.find(candidate => candidate.name === name);
    if (!router) return [];
    const agent = this.contents.agentOf(router.number);
    const nodes = this.chassis.filter(({role}) => role === 'gateway');
    const ranked = [...nodes.filter(({number}) => number === agent), ...nodes.filter(({number}) => number !== agent)];
    return ranked.map(node => node.name);
  }

  homeOf(vm: string): string | undefined {
    const port = this.#ports.get(vm);
    const home = port === undefined ? undefined : this.#homes.get(port);
    return home === undefined ? undefined : this.inventory.chassis[home];
  }

  reset(client: string | undefined): void {
    this.central.reset(client);
  }

  operate(operation: Operation, subject: string): void {
    const {server} = this.central;
    const {chassis, routers} = this.inventory;
    switch (operation.what) {
      case 'associate':
        server.associate(this.#floatingOf(subject), this.#portOf(operation.vm));
        return;
      case 'disassociate':
        server.associate(this.#floatingOf(subject), undefined);
        return;
      case 'reschedule': {
        const router = routers.findIndex(({name}) => name === subject);
        server.moveRouter(router, chassis.indexOf(operation.to));
        return;
      }
      case 'boot':
        this.#boot(this.#portOf(subject));
        return;
      case 'move':
        this.#move(this.#portOf(subject), chassis.indexOf(operation.to));
    }
  }

  settle(): void {
    const {contents, central} = this;
    const {server} = central;
    central.beginSettled();
    for (const chassis of this.chassis) {
      const routers = server.routersOn(chassis.number);
      settleHost(
        {contents, population: server.population, settings: this.#plan},
        chassis.number,
        chassis.linux,
        chassis.bridges,
        routers,
      );
      chassis.beginSettled((client, station, agent) => central.connectSettled(client, station, agent), routers);
    }
  }

  /** Of every router that is in a namespace somewhere. */
  natSamples(): readonly NatSample[] {
    const at = this.#site.ground.engine.now;
    return this.chassis.flatMap(({name, linux}) =>
      [...linux.routers.values()].map(router => ({
        ...{at, chassis: name, namespace: router.namespace.name},
        ...router.state(),
      })),
    );
  }

  #makeVm(port: NeutronPortNumber): Station {
    const {networks, ports} = this.inventory;
    const {owner: name, mac, address, network} = ports[port];
    const {cidr, gateway} = networks[network];
    return new Station(
      this.#site.ground,
      {name, mac, address, network: cidr, gateway, kernelPhase: this.#site.kernelPhase(name)},
      {
        transmit: (frame, passage) => {
          passage.rely(this.#homeFacts.of(port));
          return this.chassis[this.#homes.get(port) ?? 0].linux.transmit(port, frame, passage);
        },
      },
    );
  }

  #boot(port: NeutronPortNumber): void {
    this.chassis[this.#homes.get(port) ?? 0].addVm(port);
    this.vmBehind(port).switch(true);
  }

  /** Its device goes from one host and appears on another; the compute service tells Neutron. */
  #move(port: NeutronPortNumber, to: ChassisNumber): void {
    const from = this.chassis[this.#homes.get(port) ?? 0];
    if (!from.vms.delete(port)) return;
    from.linux.gone(port);
    this.#homes.set(port, to);
    this.#homeFacts.changed(port, this.#site.ground.engine.cause);
    this.chassis[to].addVm(port);
    this.central.server.rebind(port, to);
  }

  #portOf(vm: string): NeutronPortNumber {
    const port = this.#ports.get(vm);
    if (port === undefined) throw new Error(`there is no VM ${vm}`);
    return port;
  }

  #floatingOf(address: string): FloatingNumber {
    return this.inventory.floating.findIndex(floating => formatIpv4(floating.address) === address);
  }

  /** Routers are where the plan says, or in turn on the network node with the fewest (LeastRoutersScheduler). */
  #makeContents(off: ReadonlySet<NeutronPortNumber>): NeutronContents {
    const {plan} = this.#site;
    const {chassis, ports} = this.inventory;
    const isGateway = (name: string): boolean =>
      plan.chassis.some(node => node.name === name && node.role === 'gateway');
    const all = [...chassis.keys()];
    const nodes = all.filter(number => isGateway(chassis[number]));
    const counts = new Map(nodes.map(number => [number, 0]));
    const routers = plan.routers.map(({agent}) => {
      const least = nodes.reduce<ChassisNumber | undefined>(
        (best, node) => (best === undefined || counts.get(node)! < counts.get(best)! ? node : best),
        undefined,
      );
      const chosen = agent === undefined ? least : chassis.indexOf(agent);
      if (chosen !== undefined) counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
      return chosen;
    });
    const floating = plan.floating.map(({vm}) => ports.find(({kind, owner}) => kind === 'vm' && owner === vm)?.number);
    return new NeutronContents(this.inventory, {routers, floating, off, l2Agents: all, l3Agents: nodes});
  }

  #makeCentral(): NeutronCentral {
    const site = this.#site;
    return new NeutronCentral(site.ground, site.makeController(), {
      inventory: this.inventory,
      contents: this.contents,
      settings: this.#plan,
      endpoints: this.inventory.chassis.map((_, number) => site.addressOn('underlay', number)),
      whySilent: (kind, number) => {
        const daemon = this.chassis[number].daemons[kind];
        return daemon.running && !daemon.hung ? 0 : daemon.cause;
      },
    });
  }

  #makeChassis(name: string, number: ChassisNumber): NeutronChassis {
    const site = this.#site;
    return new NeutronChassis(site.ground, number, site.makeChassis(name, number), {
      inventory: this.inventory,
      settings: this.#plan,
      vxlanGroup: this.#plan.vxlanGroup,
      underlay: site.cidrOf('underlay'),
      vm: port => this.vmBehind(port),
      dialler: (client, station) => this.central.dialler(client, station),
    });
  }
}
