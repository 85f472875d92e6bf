import {alarmPlace} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import {Passage, delivered, dropped, type Verdict} from '../dataplane/passage.ts';
import type {FlowResult} from '../events/results.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {Outcomes, type Outcome} from './outcomes.ts';

export type FlowSettings = {
  readonly number: number;
  readonly name: string;
  readonly group: string;
  readonly from: FlowEnd;
  /** Undefined: the address belongs to a router, which answers pings on the way. */
  readonly to: FlowEnd | undefined;
  /** Where packets are sent: the other end's address, or a floating one that leads to it. */
  readonly destination: Ipv4;
  readonly protocol: 'udp-echo' | 'udp' | 'icmp-echo';
  readonly every: Time;
  readonly start: Time;
  /** `never` is without end. */
  readonly count: number;
  /** Packets later than this are lost. */
  readonly limit: Time;
  readonly sourcePort: number;
  readonly port: number;
  /** Bytes of payload. */
  readonly size: number;
};

/** One way of a packet as it was last taken: what the next one may be counted by. */
type Leg = {
  readonly cause: number;
  readonly facts: readonly Fact[];
  readonly kept: readonly Fact[];
  readonly counted: readonly Counter[];
  readonly strayed: boolean;
};

type Echo = {readonly number: number; readonly packet: Ipv4Packet};

/** A packet without an outcome yet: when it counts as lost, its way as far as it has got, whether it has got there. */
type Undecided = {readonly deadline: Time; passage: Passage | undefined; asked: boolean};

const noLeg: Leg = {cause: 0, facts: [], kept: [], counted: [], strayed: false};

/**
 * Packets at equal intervals from one end to another, answered there if it is an echo. Once a packet has made its way
 * without leaving anything behind, those that follow are counted until something on the way changes; so are packets that
 * are lost, as long as they are lost for the same reason.
 */
export class Flow implements Repeat {
  readonly settings: FlowSettings;
  readonly #ground: Ground;
  readonly #actor: number;
  readonly #outcomes: Outcomes;
  /** Packets without an outcome yet, in the order in which they were sent. */
  readonly #undecided = new Map<number, Undecided>();
  #sent = 0;
  #late = 0;
  #duplicates = 0;
  #misdelivered = 0;

  #held = -1;
  #watch = -1;
  #legs: readonly [Leg, Leg] = [noLeg, noLeg];
  /** From sending to echo; `never` if the packet is lost or is not answered. */
  #echoAfter: Time = never;
  #like: Outcome = {kind: 'delivered', cause: 0};
  #echoed = 0;
  #heldFrom = 0;
  #request: Ipv4Packet | undefined;

  constructor(ground: Ground, settings: FlowSettings) {
    this.#ground = ground;
    this.settings = settings;
    this.#outcomes = new Outcomes(ground, settings.number, number => this.#sendAt(number));
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    if (this.#held >= 0) return never;
    const [oldest] = this.#undecided.values();
    return Math.min(this.#nextSendAt, oldest?.deadline ?? never);
  }

  wake(now: Time): void {
    for (const [number, {deadline, passage}] of this.#undecided) {
      if (deadline > now) break;
      this.#undecided.delete(number);
      const {reason, place} = passage?.parked ?? {reason: 'late', place: this.settings.to?.name ?? ''};
      this.#outcomes.decide(number, {kind: 'lost', reason, place, cause: passage?.cause ?? 0});
    }
    if (now >= this.#nextSendAt) this.#send(now);
  }

  hear(message: unknown): void {
    this.#echo(message as Echo);
  }

  result(): FlowResult {
    const {number, name, group} = this.settings;
    const {delivered: arrived, lost, drops, scattered} = this.#outcomes;
    return {
      number,
      name,
      group,
      sent: this.#sent,
      delivered: arrived,
      lost,
      late: this.#late,
      duplicates: this.#duplicates,
      misdelivered: this.#misdelivered,
      inFlight: this.#sent - arrived - lost,
      drops,
      ...(scattered.length > 0 && {scattered}),
    };
  }

  settle(): void {
    const sent = this.#reachedCount(this.#sent, number => this.#isSent(number));
    this.#countLeg(0, sent - this.#sent);
    this.#sent = sent;
    const decided =
      this.#echoAfter === never ? sent : this.#reachedCount(this.#echoed, number => this.#isEchoed(number));
    this.#countLeg(1, this.#echoAfter === never ? 0 : decided - this.#echoed);
    this.#outcomes.decideAlike(decided - this.#echoed, this.#like);
    this.#echoed = decided;
  }

  resume(): void {
    this.#held = -1;
    for (let number = this.#echoed; number < this.#sent; number++) {
      this.#undecided.set(number, {
        deadline: this.#sendAt(number) + this.settings.limit,
        passage: undefined,
        asked: true,
      });
      this.#postEcho(number, this.#sendAt(number) + this.#echoAfter, this.#legs[0].cause);
    }
    this.#ground.engine.rearm(this.#actor);
  }

  lastAt(leg: number): Time {
    this.settle();
    const count = leg === 0 ? this.#sent : this.#echoed;
    if (count <= this.#heldFrom) return -1;
    return this.#sendAt(count - 1) + (leg === 0 ? 0 : this.#echoAfter);
  }

  get #nextSendAt(): Time {
    return this.#sent < this.settings.count ? this.#sendAt(this.#sent) : never;
  }

  #sendAt(number: number): Time {
    return this.settings.start + number * this.settings.every;
  }

  #send(now: Time): void {
    const number = this.#sent++;
    const passage = new Passage(this.#ground, {sender: this.settings.name, number}, (verdict, passed) => {
      this.#requestDecided(number, verdict, passed);
    });
    const undecided: Undecided = {deadline: now + this.settings.limit, passage, asked: false};
    this.#undecided.set(number, undecided);
    passage.arrive = (host, packet) => this.#requestArrives(number, undecided, host, packet, passage);
    const request = this.#compose(number);
    this.#request = request;
    passage.finish(this.settings.from.send(request, passage));
  }

  #requestArrives(number: number, sent: Undecided, host: string, packet: Ipv4Packet, passage: Passage): Verdict {
    const {to, from, protocol} = this.settings;
    if (host !== (to ?? from).name) return this.#stray(host, passage);
    if (sent.asked) {
      this.#duplicates += 1;
      return delivered;
    }
    sent.asked = true;
    if (protocol === 'udp' || !to) {
      if (passage.arrivesAt > this.#sendAt(number) + this.settings.limit) return dropped('late', host);
      return delivered;
    }
    this.#request = packet;
    this.#postEcho(number, passage.arrivesAt, passage.cause);
    return delivered;
  }

  #requestDecided(number: number, verdict: Verdict, passage: Passage): void {
    this.#unwatch();
    const whole = this.settings.protocol === 'udp' || !this.settings.to;
    if (verdict.kind === 'delivered' && !whole) {
      this.#watchRequest(passage);
      return;
    }
    const inTime = this.#decide(number, verdict, passage.cause);
    if (inTime && this.#mayRepeat(number, passage)) {
      this.#repeat([legOf(passage), noLeg], never, verdict, passage.cause);
    }
  }

  /** The other end answers when the packet has arrived. */
  #echo({number, packet}: Echo): void {
    const {engine} = this.#ground;
    const passage = new Passage(this.#ground, {sender: `${this.settings.name}/echo`, number}, (verdict, passed) => {
      this.#answerDecided(number, verdict, passed, engine.now);
    });
    const undecided = this.#undecided.get(number);
    if (undecided) undecided.passage = passage;
    passage.arrive = host => {
      if (host !== this.settings.from.name) return this.#stray(host, passage);
      return passage.arrivesAt > this.#sendAt(number) + this.settings.limit ? dropped('late', host) : delivered;
    };
    const {to} = this.settings;
    if (to) passage.finish(to.send(answerTo(packet), passage));
  }

  #answerDecided(number: number, verdict: Verdict, passage: Passage, echoedAt: Time): void {
    const inTime = this.#decide(number, verdict, passage.cause);
    const watched = this.#watch >= 0;
    this.#unwatch();
    if (!inTime || !watched || !this.#mayRepeat(number, passage)) return;
    this.#repeat([this.#legs[0], legOf(passage)], echoedAt - this.#sendAt(number), verdict, passage.cause);
  }

  /** Returns whether the verdict came in time; what came late is counted one by one. */
  #decide(number: number, verdict: Verdict, cause: number): boolean {
    const late = verdict.kind === 'dropped' && verdict.reason === 'late';
    if (!this.#undecided.delete(number)) {
      if (verdict.kind === 'delivered' || late) this.#late += 1;
      return false;
    }
    if (late) this.#late += 1;
    this.#outcomes.decide(number, outcomeOf(verdict, cause));
    this.#ground.engine.rearm(this.#actor);
    return !late;
  }

  #stray(host: string, passage: Passage): Verdict {
    this.#misdelivered += 1;
    passage.strayed = true;
    return dropped('unknown destination', host);
  }

  /** Whether the packets after `number` would fare like it. */
  #mayRepeat(number: number, passage: Passage): boolean {
    if (!this.#ground.ledger.skipping || !passage.repeatable) return false;
    return this.#undecided.size === 0 && number === this.#sent - 1;
  }

  #repeat(legs: readonly [Leg, Leg], echoAfter: Time, verdict: Verdict, cause: number): void {
    this.#legs = legs;
    this.#echoAfter = echoAfter;
    this.#like = outcomeOf(verdict, cause);
    this.#echoed = this.#heldFrom = this.#sent;
    const facts = [...new Set([...legs[0].facts, ...legs[1].facts])];
    const kept = legs.flatMap((leg, number) => leg.kept.map(fact => ({fact, leg: number})));
    this.#held = this.#ground.ledger.hold(this, facts, kept);
  }

  /** What the request relied on must not change before the answer is back, or the way is not known. */
  #watchRequest(passage: Passage): void {
    if (!this.#ground.ledger.skipping || !passage.repeatable) return;
    const leg = legOf(passage);
    this.#legs = [leg, noLeg];
    const watch: Repeat = {
      settle: () => undefined,
      resume: () => {
        this.#watch = -1;
      },
      lastAt: () => -1,
    };
    this.#watch = this.#ground.ledger.hold(watch, leg.facts, []);
  }

  #unwatch(): void {
    if (this.#watch >= 0) this.#ground.ledger.release(this.#watch);
    this.#watch = -1;
  }

  #postEcho(number: number, at: Time, cause: number): void {
    const packet = this.#request;
    if (!packet) throw new Error(`flow ${this.settings.name} answers what was not asked`);
    const echo: Echo = {number, packet};
    this.#ground.engine.post(at, this.#actor, this.#actor, number, echo, cause);
  }

  #isSent(number: number): boolean {
    if (number >= this.settings.count) return false;
    return this.#ground.engine.reached(alarmPlace(this.#actor, this.#sendAt(number)));
  }

  #isEchoed(number: number): boolean {
    if (number >= this.settings.count) return false;
    const at = this.#sendAt(number) + this.#echoAfter;
    return this.#ground.engine.reached({at, receiver: this.#actor, sender: this.#actor, number});
  }

  /** How many packets, `from` on, have come so far: equal intervals make it a division and a look at the edge. */
  #reachedCount(from: number, reached: (number: number) => boolean): number {
    const {every, start, count} = this.settings;
    const passed = Math.floor((this.#ground.engine.now - start) / every);
    let next = Math.min(Math.max(from, passed - 1 - Math.ceil(Math.min(this.#echoAfter, every) / every)), count);
    next = Math.max(next, from);
    while (reached(next)) next += 1;
    return next;
  }

  #countLeg(leg: 0 | 1, times: number): void {
    if (times <= 0) return;
    const {counted, strayed} = this.#legs[leg];
    for (const counter of counted) this.#ground.counters.add(counter, times);
    if (strayed) this.#misdelivered += times;
  }

  #compose(number: number): Ipv4Packet {
    const {protocol, from, destination, sourcePort, port, size} = this.settings;
    const payload = {kind: 'payload', size, bytes: undefined} as const;
    return {
      kind: 'ipv4',
      source: from.address,
      destination,
      ttl: 64,
      tos: 0,
      identification: 0,
      dontFragment: true,
      payload:
        protocol === 'icmp-echo'
          ? {kind: 'icmp-echo', operation: 'request', identifier: sourcePort, sequence: number & 0xffff, payload}
          : {kind: 'udp', sourcePort, destinationPort: port, checksummed: true, payload},
    };
  }
}

function legOf(passage: Passage): Leg {
  return {
    cause: passage.cause,
    facts: [...new Set(passage.relied)],
    kept: [...new Set(passage.kept)],
    counted: passage.counted,
    strayed: passage.strayed,
  };
}

function outcomeOf(verdict: Verdict, cause: number): Outcome {
  if (verdict.kind === 'dropped') return {kind: 'lost', reason: verdict.reason, place: verdict.place, cause};
  return {kind: 'delivered', cause};
}

function answerTo(packet: Ipv4Packet): Ipv4Packet {
  const {payload} = packet;
  const back = {...packet, source: packet.destination, destination: packet.source, ttl: 64};
  if (payload.kind === 'udp') {
    return {...back, payload: {...payload, sourcePort: payload.destinationPort, destinationPort: payload.sourcePort}};
  }
  if (payload.kind === 'icmp-echo') return {...back, payload: {...payload, operation: 'reply'}};
  return back;
}
