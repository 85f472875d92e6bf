import type {Fact, Repeat} from '../../../engine/ledger.ts';
import {milliseconds, never, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {VrrpInstance} from '../../protocols/vrrp-instance.ts';
import type {Counter} from '../../tables/counters.ts';
import {Passage, type Verdict} from '../passage.ts';
import type {AdvertProcess, Arrival, Hearing, Sender} from './advert-process.ts';

/** An advert that was sent and not yet taken in. */
type Underway = {readonly number: number; readonly arrivesAt: Time; readonly takenAt: Time};

/** One who hears the stream, and what of it is on its way there. */
type Hearer = {
  readonly process: AdvertProcess;
  readonly vrrp: VrrpInstance;
  readonly latency: Time;
  readonly arrival: Arrival;
  readonly underway: Underway[];
  /** How many of these have arrived and lie in the socket. */
  arrived: number;
};

/** An advert's way to all who heard it: what the next ones may be counted by. */
type Round = {
  readonly number: number;
  readonly hearers: readonly Hearer[];
  readonly facts: readonly Fact[];
  readonly kept: readonly Fact[];
  readonly counted: readonly Counter[];
  /** Who has not taken it in yet. */
  readonly awaited: Set<AdvertProcess>;
  readonly watch: number;
};

/**
 * The advertisements of one virtual router of one process. Once all who hear a master are backups that only push out their
 * down time, its adverts are counted, not run, until something on a way or in a process changes.
 */
export class AdvertStream implements Repeat {
  readonly #ground: Ground;
  readonly #name: string;
  readonly #sender: Sender;
  /** Adverts sent, and those that the process is about to send. */
  #sent = 0;
  #asked = 0;
  #round: Round | undefined;
  #held = -1;
  #lastSentAt: Time = -1;
  /** Who has ever heard it; the announcement of a loss since the last time, or 0. */
  readonly #losses = new Map<AdvertProcess, number>();

  constructor(ground: Ground, name: string, sender: Sender) {
    this.#ground = ground;
    this.#name = name;
    this.#sender = sender;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Takes the number of the next advert. */
  ask(): number {
    return this.#sent + this.#asked++;
  }

  /** Why `listener` hears nothing any more: the announcement of the first loss; 0 if there was none. */
  lossTo(listener: AdvertProcess): number {
    return this.#losses.get(listener) ?? 0;
  }

  send(transmit: (passage: Passage) => Verdict): void {
    const {counters, engine} = this.#ground;
    const {process} = this.#sender;
    const number = this.#sent++;
    this.#asked -= 1;
    this.forget();
    const hearers: Hearer[] = [];
    const passage = new Passage(this.#ground, {sender: `${this.#name}/adverts`, number});
    passage.heardBy = hearing => {
      const hearer = this.#hearer(hearing as Hearing, number);
      if (!hearer) return;
      hearers.push(hearer);
      hearer.process.post(engine.now + hearer.latency, hearer.arrival);
    };
    passage.count(counters.of(process.place, 'vrrp adverts sent'));
    const verdict = transmit(passage);
    passage.finish(verdict);
    if (verdict.kind === 'waiting') return;
    this.#noteLosses(hearers, verdict, passage);
    this.#follow(number, hearers, passage);
  }

  /** A process has taken in an advert and does nothing more because of it. */
  taken(by: AdvertProcess, number: number): void {
    const round = this.#round;
    if (this.#held >= 0 || round?.number !== number) return;
    round.awaited.delete(by);
    if (round.awaited.size === 0 && this.#isSafe(round)) this.#hold(round);
  }

  /** The last round says nothing about the next one. */
  forget(): void {
    if (this.#round && this.#round.watch >= 0) this.#ground.ledger.release(this.#round.watch);
    this.#round = undefined;
  }

  settle(): void {
    const round = this.#round;
    if (!round || this.#held < 0) return;
    this.#settleSender(round);
    for (const hearer of round.hearers) this.#settleHearer(hearer);
  }

  resume(): void {
    const round = this.#round;
    if (!round) throw new Error(`the adverts of ${this.#name} were counted without a round`);
    const {engine} = this.#ground;
    const {process, vrrp} = this.#sender;
    this.#held = -1;
    this.#round = undefined;
    for (const one of [process, ...round.hearers.map(hearer => hearer.process)]) one.takeBack();
    const wokenAt = vrrp.dueAt + process.pace.timerDelay();
    if (engine.reached(process.alarm(wokenAt))) process.wakeLate(wokenAt);
    for (const {process: hearer, arrival, underway, arrived} of round.hearers) {
      for (const [index, {number, arrivesAt, takenAt}] of underway.entries()) {
        if (index < arrived) hearer.enqueue({...arrival, number}, takenAt);
        else hearer.post(arrivesAt, {...arrival, number});
      }
    }
  }

  lastAt(): Time {
    this.settle();
    return this.#lastSentAt;
  }

  nextAt(): Time {
    this.settle();
    return this.#nextAt();
  }

  #hearer({process, device, passage, packet}: Hearing, number: number): Hearer | undefined {
    const {payload} = packet;
    if (payload.kind !== 'vrrp') return undefined;
    const vrrp = process.instanceFor(payload.vrid, device);
    if (!vrrp) return undefined;
    const arrival: Arrival = {
      advert: {from: packet.source, ttl: packet.ttl, vrrp: payload},
      ...{device, number, from: this.#sender.process, cause: passage.cause, stream: this},
    };
    return {process, vrrp, latency: passage.latency, arrival, underway: [], arrived: 0};
  }

  /** Who heard the stream before and does not hear this advert: no daemon knows, but who asks why it took over wants to. */
  #noteLosses(hearers: readonly Hearer[], verdict: Verdict, passage: Passage): void {
    const lost =
      verdict.kind === 'dropped'
        ? {reason: verdict.reason, place: verdict.place, cause: passage.cause}
        : passage.lostCopies.reduce(
            (last, copy) => (copy.cause > (last?.cause ?? 0) ? copy : last),
            passage.lostCopies.at(0),
          );
    for (const listener of this.#losses.keys()) {
      if (hearers.some(({process}) => process === listener)) continue;
      if (this.#losses.get(listener) !== 0 || !lost || lost.cause === 0) continue;
      const {reason, place, cause} = lost;
      const {process: sender, name: instance} = this.#sender;
      const detail = {chassis: sender.host.name, peer: listener.host.name, instance, reason, place};
      this.#losses.set(listener, this.#ground.journal.announce('advert lost', detail, [cause]));
    }
    for (const {process} of hearers) this.#losses.set(process, 0);
  }

  #follow(number: number, hearers: readonly Hearer[], passage: Passage): void {
    const {ledger} = this.#ground;
    const {process} = this.#sender;
    if (!ledger.skipping || !passage.repeatable || hearers.length === 0) return;
    const facts = [...new Set([...passage.relied, process.fact])];
    const watch = ledger.hold(
      {
        settle: () => undefined,
        resume: () => {
          this.#round = undefined;
        },
        lastAt: () => -1,
        nextAt: () => never,
      },
      facts,
      [],
    );
    const awaited = new Set(hearers.map(hearer => hearer.process));
    this.#round = {number, hearers, facts, kept: [...new Set(passage.kept)], counted: passage.counted, awaited, watch};
  }

  /**
   * Whether nothing but adverts could happen to anybody in it, and none of them could come so late that a backup looked
   * at its down time, or overtake another.
   */
  #isSafe({hearers}: Round): boolean {
    const {process, vrrp} = this.#sender;
    if (!process.isSteady || vrrp.state !== 'master') return false;
    const {advertInterval} = vrrp.settings;
    const longest = advertInterval + process.pace.bounds('vrrp-timer')[1] + process.pace.bounds('vrrp-send')[1];
    return hearers.every(hearer => {
      const [least, most] = hearer.process.pace.bounds('vrrp-receive');
      if (!hearer.process.isSteady || !hearer.vrrp.follows(hearer.arrival.advert)) return false;
      return longest + hearer.latency + most + milliseconds(1) < hearer.vrrp.downTime && most - least < advertInterval;
    });
  }

  #hold(round: Round): void {
    const {ledger} = this.#ground;
    ledger.release(round.watch);
    this.#round = {...round, watch: -1};
    this.#lastSentAt = -1;
    this.#held = ledger.hold(
      this,
      round.facts,
      round.kept.map(fact => ({fact, leg: 0})),
    );
    for (const one of [this.#sender.process, ...round.hearers.map(({process}) => process)]) one.lend(this);
  }

  #settleSender({hearers, counted}: Round): void {
    const {engine, counters} = this.#ground;
    const {process, vrrp} = this.#sender;
    for (let at = this.#nextAt(); engine.reached(process.alarm(at)); at = this.#nextAt()) {
      const number = this.#sent++;
      process.pace.timerRang();
      vrrp.advertised(at);
      this.#lastSentAt = at;
      for (const counter of counted) counters.add(counter);
      for (const {process: hearer, latency, underway, arrived} of hearers) {
        const arrivesAt = at + latency;
        const takenAt = arrivesAt + hearer.pace.receiveDelay(underway.length - arrived);
        underway.push({number, arrivesAt, takenAt});
      }
    }
  }

  /** When the next advert goes out. */
  #nextAt(): Time {
    const {process, vrrp} = this.#sender;
    if (vrrp.dueAt === never) throw new Error(`the adverts of ${this.#name} are counted though it sends none`);
    return vrrp.dueAt + process.pace.timerDelay() + process.pace.sendDelay(this.#sent);
  }

  #settleHearer(hearer: Hearer): void {
    const {engine} = this.#ground;
    const {process, vrrp, arrival, underway} = hearer;
    while (hearer.arrived < underway.length) {
      const {number, arrivesAt} = underway[hearer.arrived];
      if (!engine.reached(process.arrivalPlace(arrivesAt, {...arrival, number}))) break;
      hearer.arrived += 1;
      process.pace.heard();
    }
    while (hearer.arrived > 0 && engine.reached(process.alarm(underway[0].takenAt))) {
      vrrp.heard(underway[0].takenAt);
      process.countTaken();
      underway.shift();
      hearer.arrived -= 1;
    }
  }
}
