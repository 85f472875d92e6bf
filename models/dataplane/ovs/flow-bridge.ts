import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {FlowSelection, FlowSpec, OfPort} from '../../protocols/openflow/flow.ts';
import {FlowTables, type Flow, type Slot} from '../../protocols/openflow/flow-tables.ts';
import {walk} from '../../protocols/openflow/walk.ts';
import type {Counter} from '../../tables/counters.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import type {Frame} from '../../wire/frame.ts';
import {copyCounter} from '../flood-copies.ts';
import {FloodMemory} from '../flood-memory.ts';
import {flood} from '../flood.ts';
import {dropped, type DropReason, type Passage, type Verdict} from '../passage.ts';
import {LearnedFlows} from './learned-flows.ts';
import {NormalSwitch, type Membership} from './normal-switch.ts';

/** A packet as it goes from bridge to bridge; it counts with the bytes that it had when it came into the datapath. */
export type Crossing = {readonly frame: Frame; readonly tunnel: number | undefined; readonly bytes: number};

/** Where packets go that leave a bridge by one of its ports. */
export type FlowExit = (crossing: Crossing, passage: Passage) => Verdict;

export type FlowBridgeSettings = {
  readonly host: string;
  readonly name: string;
  readonly kernelPhase: Time;
  /** Why packets end in a table that drops them. */
  reasonOf(table: number): DropReason;
  /** The table of which every copy counts as flooded. */
  readonly floodTable?: number;
  /** Whether ovs-vswitchd works. */
  working(): boolean;
};

type Port = {readonly name: string; readonly exit: FlowExit};

/** A packet and the port by which it is about to leave. */
type Copy = {readonly port: OfPort; readonly exit: FlowExit; readonly crossing: Crossing};

/** A bridge of Open vSwitch: ports, the flows that are installed, what packets have taught it, and what each flow has counted. */
export class FlowBridge {
  readonly name: string;
  readonly place: string;
  readonly normal: NormalSwitch;
  readonly #ground: Ground;
  readonly #settings: FlowBridgeSettings;
  readonly #tables: FlowTables;
  readonly #learned: LearnedFlows;
  readonly #ports = new Map<OfPort, Port>();
  readonly #portFacts: KeyedFacts;
  readonly #floods: FloodMemory<number>;
  #numbers = 0;

  constructor(ground: Ground, settings: FlowBridgeSettings) {
    const {host, name, kernelPhase, working} = settings;
    this.#ground = ground;
    this.#settings = settings;
    this.name = name;
    this.place = `${host} ${name}`;
    this.#portFacts = new KeyedFacts(ground.ledger);
    this.#floods = new FloodMemory(ground);
    this.normal = new NormalSwitch(ground, this.place, kernelPhase);
    this.#tables = new FlowTables(({fact}) => {
      if (fact !== undefined) ground.ledger.changed(fact, ground.engine.cause);
    });
    this.#learned = new LearnedFlows(ground, {
      ...{place: this.place, tables: this.#tables, phase: kernelPhase, working},
      factOf: slot => this.#factOf(slot),
      portName: port => this.portName(port),
    });
  }

  /** Its ports by number. */
  get ports(): ReadonlyMap<OfPort, {readonly name: string}> {
    return this.#ports;
  }

  portName(port: OfPort): string {
    return this.#ports.get(port)?.name ?? 'a port that is gone';
  }

  flows(): readonly Flow[] {
    return this.#tables.list();
  }

  /** Packets and bytes that a flow has carried. What is skipped is settled by who asks. */
  countsOf(flow: Flow): {readonly packets: number; readonly bytes: number} {
    let [packets, bytes] = [0, 0];
    for (const [size, counter] of flow.counters ?? []) {
      const count = this.#ground.counters.value(counter);
      packets += count;
      bytes += count * size;
    }
    return {packets, bytes};
  }

  /** Adds a port and returns its number. */
  addPort(name: string, member: Membership, exit: FlowExit): OfPort {
    const number = ++this.#numbers;
    this.#ports.set(number, {name, exit});
    this.normal.addPort(number, name, member);
    this.#portFacts.changed(number, this.#ground.engine.cause);
    return number;
  }

  removePort(number: OfPort): void {
    if (!this.#ports.delete(number)) return;
    this.normal.removePort(number);
    this.#portFacts.changed(number, this.#ground.engine.cause);
  }

  install(spec: FlowSpec): void {
    this.#tables.add(spec, this.#ground.engine.now);
  }

  uninstall(selection: FlowSelection): void {
    this.#tables.remove(selection);
  }

  /** The process is gone: so are flows, and what packets have taught. */
  forget(): void {
    this.uninstall({});
    this.normal.forget();
  }

  /** A packet comes in by a port. */
  process(from: OfPort, {frame, tunnel, bytes}: Crossing, passage: Passage): Verdict {
    const {floodTable, reasonOf, working} = this.#settings;
    const copies: Copy[] = [];
    let reason: DropReason | undefined;
    let isFlooded = false;
    const send = (to: OfPort, packet: Omit<Crossing, 'bytes'>): void => {
      passage.rely(this.#portFacts.of(to));
      const exit = this.#ports.get(to)?.exit;
      if (exit) copies.push({port: to, exit, crossing: {frame: packet.frame, tunnel: packet.tunnel, bytes}});
    };
    const packet = {inPort: from, frame, tunnel};
    const ended = walk(this.#tables, packet, {
      consulted: slot => {
        passage.rely(this.#factOf(slot));
      },
      matched: flow => {
        passage.count(this.#counterOf(flow, bytes));
      },
      output: (to, leaving, by) => {
        if (by.table === floodTable) isFlooded = true;
        send(to, leaving);
      },
      normal: arriving => {
        const decision = this.normal.decide(from, arriving.frame, passage, working());
        isFlooded ||= decision.flooded;
        reason = decision.reason;
        for (const copy of decision.copies) send(copy.port, {...arriving, frame: copy.frame});
      },
      learn: (action, arriving) => {
        this.#learned.learn(action, arriving, passage);
      },
    });
    if (copies.length === 0) return dropped(isFlooded ? 'flooded in vain' : (reason ?? reasonOf(ended)), this.place);
    const [first] = copies;
    if (copies.length === 1 && !isFlooded) return first.exit(first.crossing, passage);
    const count = copyCounter(this.#ground, this.place, frame, passage);
    const leave = ({exit, crossing}: Copy): Verdict => {
      count();
      return exit(crossing, passage);
    };
    if (copies.length === 1) return leave(first);
    return copies.every(({crossing}) => crossing.frame.payload === frame.payload)
      ? this.#floods.flood(frame, copies, wayOf, leave, this.place, passage)
      : flood(copies, leave, this.place, passage);
  }

  #counterOf(flow: Flow, bytes: number): Counter {
    const sizes = (flow.counters ??= new Map<number, Counter>());
    let counter = sizes.get(bytes);
    if (counter === undefined) sizes.set(bytes, (counter = this.#ground.counters.unlisted()));
    return counter;
  }

  #factOf(slot: Slot): Fact {
    return (slot.fact ??= this.#ground.ledger.add());
  }
}

/** The port, the VLAN and the tunnel under which a copy leaves, in one number. */
function wayOf({port, crossing: {frame, tunnel = 0}}: Copy): number {
  return (port * 0x2000 + (frame.vlan ?? 0x1000)) * 0x100_0000 + tunnel;
}
