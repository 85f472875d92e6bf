import {seconds, type Time} from '../../engine/time.ts';
import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import type {DatapathFlow, DatapathFlows, Side} from '../tables/datapath-flows.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {Frame} from '../wire/frame.ts';
import type {Mac} from '../wire/mac.ts';
import {isGroupMac} from '../wire/mac.ts';
import type {Nic} from './nic.ts';
import {dropped, type Passage, type Verdict} from './passage.ts';
import type {Revalidators} from './revalidators.ts';

/** Where the bridge knows MACs of one VLAN to be: its table is by MAC and VLAN (lib/mac-learning.c). */
type Vlan = {
  readonly sides: Map<Mac, Side>;
  readonly facts: KeyedFacts;
  /** What the next round will teach. */
  readonly lessons: Record<Side, Set<Mac>>;
};

/** A datapath flow that no packet has used for so long is deleted by the next round (max-idle of Open vSwitch). */
const maxIdle: Time = seconds(10);

/**
 * br-ex of one chassis, between br-int and the network card: a bridge with two ports and a MAC table. What a frame teaches
 * it, it learns at once only when the frame is the first of its datapath flow or comes from ovn-controller; packets of a
 * flow that is in the datapath already teach in the next round of the revalidators (ofproto-dpif-xlate.c, xlate_normal;
 * xlate_push_stats). Until then a gateway that has just become active again throws away every answer, because its router's
 * MAC is still known on the outside, where the other gateway announced it.
 */
export class ProviderBridge {
  readonly #ground: Ground;
  readonly #nic: Nic;
  readonly #revalidators: Revalidators;
  readonly #process: {readonly running: boolean; readonly runningFact: Fact};
  readonly #inside: (frame: Frame, passage: Passage) => Verdict;
  /** By tag, 0 for untagged frames. */
  readonly #vlans = new Map<number, Vlan>();
  readonly #flows: DatapathFlows;
  readonly #number: number;
  /** Facts that packets keep alive which may be counted; of others the table knows when they were last seen. */
  readonly #kept = new Map<DatapathFlow, Fact>();

  constructor(
    ground: Ground,
    nic: Nic,
    revalidators: Revalidators,
    process: {readonly running: boolean; readonly runningFact: Fact},
    flows: DatapathFlows,
    inside: (frame: Frame, passage: Passage) => Verdict,
  ) {
    this.#ground = ground;
    this.#nic = nic;
    this.#revalidators = revalidators;
    this.#process = process;
    this.#flows = flows;
    this.#number = flows.addBridge({
      uses: (flow, since) => this.#keeps(flow, since),
      forget: flow => this.#kept.delete(flow),
    });
    this.#inside = inside;
    nic.receiver = (frame, passage) => this.#arrive(frame, passage);
  }

  /** A frame from br-int goes out. */
  transmit(frame: Frame, passage: Passage): Verdict {
    this.#teach(frame, 'inside', passage);
    return this.#nic.transmit(frame, passage);
  }

  /** The process ends: its flows and what it has learnt are gone. */
  clear(): void {
    const {engine} = this.#ground;
    this.#flows.forgetBridge(this.#number);
    this.#kept.clear();
    for (const {sides, facts, lessons} of this.#vlans.values()) {
      lessons.inside.clear();
      lessons.outside.clear();
      for (const mac of [...sides.keys()]) {
        sides.delete(mac);
        facts.changed(mac, engine.cause);
      }
    }
  }

  #arrive(frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#process.runningFact);
    if (!this.#process.running) return dropped('ovs-vswitchd not running', this.#nic.host);
    this.#teach(frame, 'outside', passage);
    if (!isGroupMac(frame.destination)) {
      const {sides, facts} = this.#vlanOf(frame);
      passage.rely(facts.of(frame.destination));
      if (sides.get(frame.destination) === 'outside') return dropped('learnt on the port it came from', this.#nic.host);
    }
    return this.#inside(frame, passage);
  }

  #teach(frame: Frame, side: Side, passage: Passage): void {
    const mac = frame.source;
    const vlan = this.#vlanOf(frame);
    const known = this.#use(this.#flows.of(frame, side, this.#ground.engine.now - maxIdle), passage);
    passage.rely(vlan.facts.of(mac));
    if (vlan.sides.get(mac) === side) return;
    if (!known || passage.madeBy === this.#nic.host) {
      passage.once();
      passage.because(() => {
        this.#learn(mac, vlan, side);
      });
    } else this.#learnInNextRound(mac, vlan, side, passage);
  }

  /** A packet uses its datapath flow, or makes it. Returns whether there was one. */
  #use(flow: DatapathFlow, passage: Passage): boolean {
    const {now} = this.#ground.engine;
    const isKnown = this.#isKnown(flow, now - maxIdle);
    if (!isKnown) passage.once();
    if (passage.repeatable) passage.keep(this.#factOf(flow));
    else this.#flows.see(flow, this.#number, now, now - maxIdle);
    return isKnown;
  }

  #learnInNextRound(mac: Mac, vlan: Vlan, side: Side, passage: Passage): void {
    const lessons = vlan.lessons[side];
    if (lessons.has(mac)) return;
    passage.once();
    lessons.add(mac);
    const {cause} = passage;
    this.#revalidators.inNextRound(() => {
      lessons.delete(mac);
      this.#learnBecause(mac, vlan, side, cause);
    });
  }

  #learnBecause(mac: Mac, vlan: Vlan, side: Side, cause: number): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = cause;
    this.#learn(mac, vlan, side);
    engine.cause = before;
  }

  #learn(mac: Mac, {sides, facts}: Vlan, side: Side): void {
    const before = sides.get(mac);
    if (before === side) return;
    sides.set(mac, side);
    const {engine, journal} = this.#ground;
    const place = (where: Side): string => (where === 'inside' ? `${this.#nic.host} br-int` : this.#nic.segment.name);
    const cause =
      before === undefined
        ? engine.cause
        : journal.announce('mac moved', {
            segment: `${this.#nic.host} br-ex`,
            mac,
            from: place(before),
            to: place(side),
          });
    facts.changed(mac, cause);
    this.#revalidators.trigger();
  }

  #vlanOf({vlan = 0}: Frame): Vlan {
    let found = this.#vlans.get(vlan);
    if (!found) {
      const lessons = {inside: new Set<Mac>(), outside: new Set<Mac>()};
      this.#vlans.set(vlan, (found = {sides: new Map(), facts: new KeyedFacts(this.#ground.ledger), lessons}));
    }
    return found;
  }

  #factOf(flow: DatapathFlow): Fact {
    let fact = this.#kept.get(flow);
    if (fact === undefined) this.#kept.set(flow, (fact = this.#ground.ledger.add()));
    return fact;
  }

  #isKnown(flow: DatapathFlow, since: Time): boolean {
    return this.#flows.seenSince(flow, this.#number, since) || this.#keeps(flow, since);
  }

  #keeps(flow: DatapathFlow, since: Time): boolean {
    const fact = this.#kept.get(flow);
    return fact !== undefined && this.#ground.ledger.keptSince(fact, since);
  }
}
