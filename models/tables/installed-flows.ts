import type {Fact, Ledger} from '../../engine/ledger.ts';
import {KeyedFacts, pair} from './keyed-facts.ts';
import {routerKey, type SouthboundContents} from './southbound-contents.ts';
import type {ChassisNumber, LogicalRouter, PortNumber} from './topology.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/** What the flows of a chassis stand for: how much of the southbound log they hold and which gateway ports live here. */
export type FlowState = {
  readonly watermark: number;
  readonly residents: ReadonlySet<number>;
};

const nothing: FlowState = {watermark: 0, residents: new Set()};

type ChassisFlows = {complete: boolean; state: FlowState; readonly fact: Fact};

/**
 * The OpenFlow flows that each chassis has installed: what its ovn-controller had worked out and its ovs-vswitchd has
 * taken in. This is the only thing of the control plane that packets meet.
 */
export class InstalledFlows {
  readonly #ledger: Ledger;
  readonly #contents: SouthboundContents;
  readonly #chassis: readonly ChassisFlows[];
  readonly #residents: KeyedFacts;
  readonly #bindings: KeyedFacts[];
  readonly #orders: KeyedFacts;
  readonly #macBindings: KeyedFacts[];
  readonly #routes: KeyedFacts[];

  constructor(ledger: Ledger, contents: SouthboundContents, chassis: number) {
    this.#ledger = ledger;
    this.#contents = contents;
    const each = <T>(make: () => T): T[] => Array.from({length: chassis}, make);
    this.#chassis = each(() => ({complete: false, state: nothing, fact: ledger.add()}));
    this.#residents = new KeyedFacts(ledger);
    this.#orders = new KeyedFacts(ledger);
    this.#bindings = each(() => new KeyedFacts(ledger));
    this.#macBindings = each(() => new KeyedFacts(ledger));
    this.#routes = each(() => new KeyedFacts(ledger));
  }

  /** Whether the chassis has all its flows; without them it forwards nothing. */
  complete(chassis: ChassisNumber): boolean {
    return this.#chassis[chassis].complete;
  }

  completeFact(chassis: ChassisNumber): Fact {
    return this.#chassis[chassis].fact;
  }

  /** Whether the chassis forwards for the router's gateway port. */
  resident(chassis: ChassisNumber, router: LogicalRouter): boolean {
    return this.#chassis[chassis].state.residents.has(router.number);
  }

  residentFact(chassis: ChassisNumber, router: LogicalRouter): Fact {
    return this.#residents.of(pair(chassis, router.number));
  }

  /** Where the chassis' flows send packets for a port; -1 is nowhere. */
  location(chassis: ChassisNumber, port: PortNumber): ChassisNumber {
    return this.#read(chassis, 'Port_Binding', port);
  }

  locationFact(chassis: ChassisNumber, port: PortNumber): Fact {
    return this.#bindings[chassis].of(port);
  }

  /** Whether the gateway is among those that the chassis' flows choose from. */
  candidate(chassis: ChassisNumber, router: LogicalRouter, gateway: ChassisNumber): boolean {
    return this.#read(chassis, 'HA_Chassis', routerKey(router.number, gateway)) === 1;
  }

  /** Covers all candidates of the router. */
  candidatesFact(chassis: ChassisNumber, router: LogicalRouter): Fact {
    return this.#orders.of(pair(chassis, router.number));
  }

  /** The MAC of a next hop or external host. */
  macBinding(chassis: ChassisNumber, router: LogicalRouter, address: Ipv4): Mac | undefined {
    const mac = this.#read(chassis, 'MAC_Binding', routerKey(router.number, address));
    return mac < 0 ? undefined : mac;
  }

  macBindingFact(chassis: ChassisNumber, router: LogicalRouter, address: Ipv4): Fact {
    return this.#macBindings[chassis].of(routerKey(router.number, address));
  }

  /** Whether the route is in the chassis' flows. */
  route(chassis: ChassisNumber, router: LogicalRouter, route: number): boolean {
    return this.#read(chassis, 'Route', routerKey(router.number, route)) === 1;
  }

  /** Covers all routes of the router. */
  routesFact(chassis: ChassisNumber, router: LogicalRouter): Fact {
    return this.#routes[chassis].of(router.number);
  }

  /** The chassis has lost its flows: they were cleared, or the switch that held them is gone. */
  clear(chassis: ChassisNumber, cause: number): void {
    const flows = this.#chassis[chassis];
    if (!flows.complete) return;
    flows.complete = false;
    const residents = [...flows.state.residents];
    flows.state = {...flows.state, residents: new Set()};
    this.#ledger.changed(flows.fact, cause);
    for (const router of residents) this.#residents.changed(pair(chassis, router), cause);
  }

  /** The routers whose gateway port would come to the chassis, or leave it, with these flows. */
  differences(
    chassis: ChassisNumber,
    state: FlowState,
  ): {readonly came: readonly number[]; readonly went: readonly number[]} {
    const before = this.#chassis[chassis].state.residents;
    return {
      came: [...state.residents].filter(router => !before.has(router)),
      went: [...before].filter(router => !state.residents.has(router)),
    };
  }

  /** Packets on the chassis meet these flows from now on. */
  install(chassis: ChassisNumber, state: FlowState, cause: number): void {
    const flows = this.#chassis[chassis];
    const {came, went} = this.differences(chassis, state);
    const from = flows.state.watermark;
    flows.state = state;
    if (!flows.complete) {
      flows.complete = true;
      this.#ledger.changed(flows.fact, cause);
    }
    for (const router of [...came, ...went]) this.#residents.changed(pair(chassis, router), cause);
    this.#tellChanges(chassis, from, state.watermark, cause);
  }

  #tellChanges(chassis: ChassisNumber, from: number, to: number, cause: number): void {
    for (const {table, key} of this.#contents.between(from, to)) {
      const router = Math.floor(key / 0x1_0000_0000);
      if (table === 'Port_Binding') this.#bindings[chassis].changed(key, cause);
      else if (table === 'HA_Chassis') this.#orders.changed(pair(chassis, router), cause);
      else if (table === 'MAC_Binding') this.#macBindings[chassis].changed(key, cause);
      else if (table === 'Route') this.#routes[chassis].changed(router, cause);
    }
  }

  #read(chassis: ChassisNumber, table: 'Port_Binding' | 'HA_Chassis' | 'MAC_Binding' | 'Route', key: number): number {
    return this.#contents.read(table, key, this.#chassis[chassis].state.watermark);
  }
}
