import {Deadlines} from '../../../engine/deadlines.ts';
import type {Fact} from '../../../engine/ledger.ts';
import {milliseconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {FlowAction, FlowPacket, FlowSpec} from '../../protocols/openflow/flow.ts';
import type {Flow, FlowTables, Slot} from '../../protocols/openflow/flow-tables.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Passage} from '../passage.ts';

/** Flows are looked at after each round of the revalidators (ofproto-dpif.c, run; max-revalidator). */
const round: Time = milliseconds(500);

const untagged = -1;

type LearnAction = Extract<FlowAction, {kind: 'learn'}>;

type Learned = {readonly flow: Flow; readonly slot: Slot; port: number};

export type LearnedFlowsSurroundings = {
  /** The bridge, as results call it. */
  readonly place: string;
  readonly tables: FlowTables;
  /** A round begins at this moment and every half second before and after. */
  readonly phase: Time;
  factOf(slot: Slot): Fact;
  /** What is behind a port, as results call it. */
  portName(port: number): string;
  /** Whether the process works. */
  working(): boolean;
};

/** Flows that packets make by `learn`: each packet renews its flow, and one that nobody renews goes (lib/learn.c). */
export class LearnedFlows {
  readonly #ground: Ground;
  readonly #among: LearnedFlowsSurroundings;
  readonly #learned = new Map<number, Learned>();
  readonly #bySlot = new Map<Slot, number>();
  /** By action, VLAN and MAC. */
  readonly #slots = new WeakMap<LearnAction, Map<number, Map<Mac, Slot>>>();
  readonly #deadlines = new Deadlines();
  readonly #actor: number;
  #numbers = 0;

  constructor(ground: Ground, among: LearnedFlowsSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#deadlines.nextAt;
  }

  learn(action: LearnAction, packet: FlowPacket, passage: Passage): void {
    const {tables, factOf, portName, place} = this.#among;
    const slot = this.#slotOf(action, packet);
    const fact = factOf(slot);
    passage.rely(fact);
    const known = this.#learned.get(this.#bySlot.get(slot) ?? -1);
    if (known?.port === packet.inPort && slot.flows.includes(known.flow)) {
      passage.keep(fact);
      return;
    }
    if (!this.#among.working()) return;
    passage.once();
    passage.keep(fact);
    passage.because(() => {
      const {engine, journal} = this.#ground;
      const spec = lessonOf(action, packet);
      const before = engine.cause;
      if (known && slot.flows.includes(known.flow)) {
        const detail = {segment: place, mac: packet.frame.source, from: portName(known.port)};
        engine.cause = journal.announce('mac moved', {...detail, to: portName(packet.inPort)});
        known.port = packet.inPort;
        tables.modify(known.flow, spec.actions);
      } else this.#add(spec, slot, packet.inPort);
      engine.cause = before;
    });
  }

  wake(now: Time): void {
    const {tables, factOf, working} = this.#among;
    for (let number = this.#deadlines.takeDue(now); number !== undefined; number = this.#deadlines.takeDue(now)) {
      const {flow, slot} = this.#learned.get(number)!;
      const isThere = slot.flows.includes(flow);
      const dueAt = this.#roundAfter(this.#ground.ledger.keptAt(factOf(slot)) + (flow.hardTimeout ?? 0));
      if (isThere && (dueAt > now || !working())) {
        this.#deadlines.set(number, Math.max(dueAt, now + round));
        continue;
      }
      this.#learned.delete(number);
      if (this.#bySlot.get(slot) === number) this.#bySlot.delete(slot);
      if (isThere) tables.remove(flow);
    }
  }

  /** Where the flow is or would be. Looked for once: it stays there, for packets rely on it. */
  #slotOf(action: LearnAction, packet: FlowPacket): Slot {
    const {vlan = untagged, source} = packet.frame;
    let vlans = this.#slots.get(action);
    if (!vlans) this.#slots.set(action, (vlans = new Map()));
    let slots = vlans.get(vlan);
    if (!slots) vlans.set(vlan, (slots = new Map()));
    let slot = slots.get(source);
    if (!slot) slots.set(source, (slot = this.#among.tables.slotOf(lessonOf(action, packet))));
    return slot;
  }

  #add(spec: FlowSpec, slot: Slot, port: number): void {
    const {now} = this.#ground.engine;
    const number = this.#numbers++;
    this.#learned.set(number, {flow: this.#among.tables.add(spec, now).flow, slot, port});
    this.#bySlot.set(slot, number);
    this.#deadlines.set(number, this.#roundAfter(now + (spec.hardTimeout ?? 0)));
    this.#ground.engine.rearm(this.#actor);
  }

  /** The first round that finds a flow older than it may be (rule_expire). */
  #roundAfter(at: Time): Time {
    const {phase} = this.#among;
    return phase + (Math.floor((at - phase) / round) + 1) * round;
  }
}

/** What a packet teaches: what is for its sender goes back by its tunnel (br_tun.py, setup_default_table). */
function lessonOf({table, priority, hardTimeout, cookie}: LearnAction, {inPort, frame, tunnel}: FlowPacket): FlowSpec {
  return {
    ...{cookie, table, priority, hardTimeout},
    match: {vlan: frame.vlan ?? 'none', destination: frame.source},
    actions: [
      {kind: 'strip vlan'},
      ...(tunnel === undefined ? [] : [{kind: 'set tunnel', tunnel} as const]),
      {kind: 'output', port: inPort},
    ],
  };
}
