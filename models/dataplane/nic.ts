import type {Fact} from '../../engine/ledger.ts';
import {milliseconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {countFrames, type Frame} from '../wire/frame.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {dropped, type DropReason, type Passage, type Verdict} from './passage.ts';
import type {Segment} from './segment.ts';

/** What a fault does to frames on a link: nothing, lose them, or hold them up. */
export type Judgement = undefined | {readonly lost: DropReason} | {readonly late: Time};

/** A fault on a link, as a rule with a verdict on frames. */
export type Rule = {
  readonly direction: 'in' | 'out';
  /** The announcement of the fault. */
  readonly cause: number;
  judge(frame: Frame, passage: Passage): Judgement;
};

/** A path slower than this does not decide a packet's fate at once: the packet waits and meets the world as it is then. */
const slow = milliseconds(1);

/** A host's network card and the switch port it is plugged into. */
export class Nic {
  readonly host: string;
  /** On the underlay and for management called so; on provider segments, of which there may be several, as the segment. */
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly segment: Segment;
  /** Where frames go that reach the host. */
  receiver: ((frame: Frame, passage: Passage) => Verdict) | undefined;
  /** Whether the card leaves alone what is for the MAC of another, as cards do that are in no bridge. */
  filters = false;
  /** Told when carrier is lost or back. */
  onCarrier: ((up: boolean) => void) | undefined;
  readonly #ground: Ground;
  readonly #fact: Fact;
  /** What holds carrier down: faults, or a host without power. */
  readonly #cuts = new Set<string>();
  readonly #rules = new Map<string, Rule>();

  constructor(ground: Ground, host: string, name: string, mac: Mac, address: Ipv4, segment: Segment) {
    this.#ground = ground;
    this.host = host;
    this.name = name;
    this.mac = mac;
    this.address = address;
    this.segment = segment;
    this.#fact = ground.ledger.add();
    segment.plug(this);
  }

  get place(): string {
    return `${this.host} ${this.name}`;
  }

  /** What frames meet here: carrier, and the rules of faults. */
  get fact(): Fact {
    return this.#fact;
  }

  get carrier(): boolean {
    return this.#cuts.size === 0;
  }

  /** Takes carrier away in the name of `key`. Both ends see it. */
  cut(key: string): void {
    const before = this.carrier;
    this.#cuts.add(key);
    if (before) this.#carrierChanged();
  }

  /** Takes back a `cut`. Carrier is back when nothing else holds it down. */
  mend(key: string): void {
    const before = this.carrier;
    this.#cuts.delete(key);
    if (!before && this.carrier) this.#carrierChanged();
  }

  addRule(key: string, rule: Rule): void {
    this.#rules.set(key, rule);
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  removeRule(key: string): void {
    if (this.#rules.delete(key)) this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  /** Sends a frame into the segment. */
  transmit(frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.carrier) return dropped('no carrier', this.place);
    this.#tap(frame, passage);
    return applyRules(this.#rules.values(), 'out', this.place, frame, passage, () =>
      this.carrier ? this.segment.carry(frame, this, passage) : dropped('no carrier', this.place),
    );
  }

  /** A frame comes out of the switch port. */
  arrive(frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.carrier) return dropped('port down', this.place);
    return applyRules(this.#rules.values(), 'in', this.place, frame, passage, () => {
      if (!this.carrier) return dropped('port down', this.place);
      this.#tap(frame, passage);
      if (this.ignores(frame)) return dropped('not addressed to this host', this.host);
      return this.receiver ? this.receiver(frame, passage) : dropped('host down', this.place);
    });
  }

  /** Whether a frame is nothing to the host. Of a copy that a switch floods it does not matter then what becomes of it. */
  ignores({destination}: Frame): boolean {
    return this.filters && destination !== this.mac && !isGroupMac(destination);
  }

  /** A copy that the host ignores comes out of the switch port: captures see it. */
  overhear(frame: Frame, passage: Passage): void {
    this.#tap(frame, passage);
  }

  #tap(frame: Frame, {arrivesAt}: Passage): void {
    const {taps} = this.#ground;
    if (taps.open) taps.see(this.place, frame, arrivesAt);
  }

  #carrierChanged(): void {
    const {journal, ledger, engine} = this.#ground;
    const up = this.carrier;
    const announcement = journal.announce('carrier changed', {chassis: this.host, nic: this.name, up});
    const before = engine.cause;
    engine.cause = announcement;
    ledger.changed(this.#fact, announcement);
    this.segment.portChanged(this, up);
    this.onCarrier?.(up);
    engine.cause = before;
  }
}

/** Whether a loss of this rate hits a frame, or one of the pieces in which it travels. */
export function isUnlucky(rate: number, frame: Frame, passage: Passage, purpose: string): boolean {
  let unlucky = false;
  for (let piece = 0; piece < countFrames(frame); piece++) unlucky ||= passage.draw(purpose) < rate;
  return unlucky;
}

/** Lets a frame past the rules of one direction: lost by the first that loses it, late by the sum of the delays. */
export function applyRules(
  rules: Iterable<Rule>,
  direction: Rule['direction'],
  place: string,
  frame: Frame,
  passage: Passage,
  goOn: () => Verdict,
): Verdict {
  let late = 0;
  for (const rule of rules) {
    if (rule.direction !== direction) continue;
    const judgement = rule.judge(frame, passage);
    if (judgement === undefined) continue;
    if ('lost' in judgement) {
      passage.cause = rule.cause;
      return dropped(judgement.lost, place);
    }
    late += judgement.late;
  }
  if (late >= slow) return passage.wait(late, place, goOn);
  passage.latency += late;
  return goOn();
}
