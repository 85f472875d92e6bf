import {alarmPlace} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import {Passage, delivered, dropped, type Verdict} from '../dataplane/passage.ts';
import type {FlowResult} from '../events/results.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';
import {isIcmpError} from '../wire/icmp-quote.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {answerTo, complaintOf, requestOf, type DatagramSettings} from './datagrams.ts';
import {Outcomes, type Outcome} from './outcomes.ts';

/** Where a flow's packets go. */
export type Addressee = Pick<DatagramSettings, 'destination' | 'port'>;

export type FlowSettings = DatagramSettings & {
  readonly number: number;
  readonly name: string;
  readonly group: string;
  /** Undefined: the address belongs to a router, which answers pings on the way. */
  readonly to: FlowEnd | undefined;
  /** Others who answer if packets come to them: a floating address may be moved. */
  readonly others: readonly FlowEnd[];
  /** Whether anybody listens at the port. */
  readonly listening: boolean;
  /** Whether who asks tells its kernel that it was answered (MSG_CONFIRM). */
  readonly confirms: boolean;
  readonly every: Time;
  readonly start: Time;
  /** `never` is without end. */
  readonly count: number;
  /** Packets later than this are lost. */
  readonly limit: Time;
  /** Where packets go if the sender has to be told that first; undefined as long as nobody has. */
  readonly addressee?: (passage: Passage) => Addressee | undefined;
  /** The only one whose packets the receiver's socket takes, if it is connected. */
  readonly connectedTo?: Addressee;
};

/** One way of a packet as it was last taken: what the next one may be counted by. */
type Leg = {
  readonly cause: number;
  readonly facts: readonly Fact[];
  readonly kept: readonly Fact[];
  readonly counted: readonly Counter[];
  readonly strayed: boolean;
};

type Echo = {readonly number: number; readonly packet: Ipv4Packet; readonly server: FlowEnd};

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
  /** ICMP errors about its packets. */
  #errors = 0;
  /** Whether the last packet was answered, and whether the one after it said so to the kernel. */
  #answered = false;
  #confirmed = false;

  #held = -1;
  #watch = -1;
  #legs: readonly [Leg, Leg] = [noLeg, noLeg];
  /** From sending to echo; `never` if the packet is lost or is not answered. */
  #echoAfter: Time = never;
  #like: Outcome = {kind: 'delivered', cause: 0};
  #echoed = 0;
  #heldFrom = 0;
  #request: Omit<Echo, 'number'> | undefined;

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
      ...(this.#errors > 0 && {icmpErrors: this.#errors}),
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
    this.#answered = this.#like.kind === 'delivered' && this.#echoed === this.#sent;
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

  nextAt(leg: number): Time {
    this.settle();
    if (leg === 0) return this.#nextSendAt;
    return this.#echoed < this.settings.count ? this.#sendAt(this.#echoed) + this.#echoAfter : never;
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
    passage.confirms = this.#confirmed = this.settings.confirms && this.#answered;
    this.#answered = false;
    const {addressee, from} = this.settings;
    const known = addressee ? addressee(passage) : this.settings;
    if (known) passage.finish(from.send(requestOf({...this.settings, ...known}, number), passage));
    else passage.finish(dropped('not connected', from.name));
  }

  #requestArrives(
    number: number,
    sent: Undecided,
    host: string,
    packet: Ipv4Packet,
    passage: Passage,
  ): Verdict | undefined {
    const {to, from, protocol, sourcePort} = this.settings;
    if (isIcmpError(packet)) return this.#hearError(from, sourcePort, host, packet);
    const server = to ? this.#serverAt(host) : from;
    if (!server || server.name !== host) return this.#stray(host, passage);
    if (!this.#isTaken(packet)) return undefined;
    if (sent.asked) {
      this.#duplicates += 1;
      return delivered;
    }
    sent.asked = true;
    if (protocol === 'udp' || !to) {
      if (passage.arrivesAt > this.#sendAt(number) + this.settings.limit) return dropped('late', host);
      return delivered;
    }
    this.#request = {packet, server};
    this.#postEcho(number, passage.arrivesAt, passage.cause);
    return delivered;
  }

  #isTaken({source, payload}: Ipv4Packet): boolean {
    const {connectedTo} = this.settings;
    if (!connectedTo || payload.kind !== 'udp') return true;
    return source === connectedTo.destination && payload.sourcePort === connectedTo.port;
  }

  /** Who answers at a host, if anybody does. */
  #serverAt(host: string): FlowEnd | undefined {
    const {to, others, listening} = this.settings;
    if (!listening) return undefined;
    return to?.name === host ? to : others.find(({name}) => name === host);
  }

  /** Somebody on the way, or at its end, could do nothing with a packet of `sender`. */
  #hearError(sender: FlowEnd, port: number, host: string, packet: Ipv4Packet): Verdict {
    const destination = host === sender.name ? complaintOf(packet, sender.address, port) : undefined;
    if (destination === undefined) return dropped('unknown destination', host);
    const {payload} = packet;
    if (payload.kind === 'icmp-too-big') sender.learnMtu(destination, payload.nextHopMtu);
    if (sender === this.settings.from) this.#errors += 1;
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
  #echo({number, packet, server}: Echo): void {
    const {engine} = this.#ground;
    const passage = new Passage(this.#ground, {sender: `${this.settings.name}/echo`, number}, (verdict, passed) => {
      this.#answerDecided(number, verdict, passed, engine.now);
    });
    const undecided = this.#undecided.get(number);
    if (undecided) undecided.passage = passage;
    passage.arrive = (host, answer) => {
      const {from, port, limit} = this.settings;
      if (isIcmpError(answer)) return this.#hearError(server, port, host, answer);
      if (host !== from.name) return this.#stray(host, passage);
      return passage.arrivesAt > this.#sendAt(number) + limit ? dropped('late', host) : delivered;
    };
    passage.finish(server.send(answerTo(packet, server, this.settings), passage));
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
    this.#answered = verdict.kind === 'delivered';
    this.#outcomes.decide(number, outcomeOf(verdict, cause));
    this.#ground.engine.rearm(this.#actor);
    return !late;
  }

  /** Nobody here takes it. Where it came to the right host its kernel refuses it; a kernel that is pinged has nothing to refuse. */
  #stray(host: string, passage: Passage): Verdict | undefined {
    const {to, protocol} = this.settings;
    if (host !== to?.name) {
      this.#misdelivered += 1;
      passage.strayed = true;
    }
    return protocol === 'icmp-echo' ? dropped('unknown destination', host) : undefined;
  }

  /** Whether the packets after `number` would fare like it. */
  #mayRepeat(number: number, passage: Passage): boolean {
    if (!this.#ground.ledger.skipping || !passage.repeatable) return false;
    // The next one tells the kernel what this one told it only if it was answered as the one before it.
    if (this.settings.confirms && this.#confirmed !== this.#answered) return false;
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
      nextAt: () => never,
    };
    this.#watch = this.#ground.ledger.hold(watch, leg.facts, []);
  }

  #unwatch(): void {
    if (this.#watch >= 0) this.#ground.ledger.release(this.#watch);
    this.#watch = -1;
  }

  #postEcho(number: number, at: Time, cause: number): void {
    const request = this.#request;
    if (!request) throw new Error(`flow ${this.settings.name} answers what was not asked`);
    const echo: Echo = {number, ...request};
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
