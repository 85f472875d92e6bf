import type {Repeat} from '../../engine/ledger.ts';
import {never, seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Frame} from '../wire/frame.ts';
import {isGroupMac} from '../wire/mac.ts';
import {flood} from './flood.ts';
import type {Notes, Passage, Verdict} from './passage.ts';

/** What was not flooded for so long is forgotten: requests that nobody answers and adverts come every second or so. */
const rememberedFor: Time = seconds(10);

/** Below this many frames nobody looks for those that can be forgotten. */
const few = 16;

/** A way on which a copy left something behind, or that does not stay the same, is looked at again after so many copies. */
const patience = 8;

/** What is remembered should serve so often. */
const worthwhile = 4;

/** What is known of one way: how the last copy fared, or how many are to be run before another is looked at. */
type Known = Copy | number;

/** A frame that was flooded lately: since the second time with what became of its copies. */
type Remembered<Way> = {at: Time; copies: Map<Way, Known> | undefined};

/**
 * What became of the copies of frames that are flooded over and over: ARP requests that nobody answers, adverts of virtual
 * routers. A copy that would fare as the last one of such a frame did is counted, not run, until a fact changes on its way;
 * the others are run. `Way` is what a copy's fate depends on besides the frame, for one place that floods. Where a copy is
 * flooded in turn, nobody remembers it a second time unless it had to be run.
 */
export class FloodMemory<Way> {
  readonly #ground: Ground;
  readonly #frames = new Map<string, Remembered<Way>>();
  #most = few;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Sends a copy each way, as `flood` does. */
  flood<To>(
    frame: Frame,
    ways: readonly To[],
    wayOf: (to: To) => Way,
    send: (to: To) => Verdict,
    place: string,
    passage: Passage,
  ): Verdict {
    const {remembered} = passage;
    const known = remembered === 'before' ? undefined : this.#recall(frame, remembered === 'from here');
    if (!known) return flood(ways, send, place, passage);
    const {copies} = known;
    passage.remembered = 'before';
    const verdict = flood(
      ways,
      copies ? to => this.#send(copies, wayOf(to), passage, () => send(to)) : send,
      place,
      passage,
    );
    passage.remembered = remembered;
    return verdict;
  }

  /** Sends a copy, or counts it. */
  #send(copies: Map<Way, Known>, way: Way, passage: Passage, send: () => Verdict): Verdict {
    passage.remembered = 'before';
    let known = copies.get(way);
    if (known instanceof Copy) {
      if (known.isLike(passage)) return known.isAwaited ? send() : known.repeat(passage);
      known.forget();
      known = known.repeats < worthwhile ? patience : undefined;
    }
    if (known !== undefined) {
      passage.remembered = 'from here';
      if (known > 0) {
        copies.set(way, known - 1);
        return send();
      }
    }
    const before = {latency: passage.latency, cause: passage.cause, lost: passage.lostCopies.length};
    const {verdict, notes} = passage.apart(send);
    const isAlike = notes !== undefined && notes.effects.length === 0;
    copies.set(way, isAlike ? new Copy(this.#ground, verdict, notes, before, passage) : patience);
    return verdict;
  }

  /** What is known of a frame; undefined if nothing is to be remembered. */
  #recall(frame: Frame, atOnce: boolean): Remembered<Way> | undefined {
    const {ledger, engine, taps} = this.#ground;
    if (!ledger.skipping || taps.open) return undefined;
    const key = keyOf(frame);
    if (key === undefined) return undefined;
    let known = this.#frames.get(key);
    if (!known) {
      if (this.#frames.size >= this.#most) this.#forgetOld();
      this.#frames.set(key, (known = {at: engine.now, copies: atOnce ? new Map() : undefined}));
      return known;
    }
    if (engine.now - known.at > rememberedFor) forget(known);
    else known.copies ??= new Map();
    known.at = engine.now;
    return known;
  }

  #forgetOld(): void {
    const {now} = this.#ground.engine;
    for (const [key, known] of this.#frames) {
      if (now - known.at <= rememberedFor) continue;
      forget(known);
      this.#frames.delete(key);
    }
    this.#most = Math.max(few, 2 * this.#frames.size);
  }
}

function forget<Way>(frame: Remembered<Way>): void {
  for (const known of frame.copies?.values() ?? []) if (known instanceof Copy) known.forget();
  frame.copies = undefined;
}

/** All by which such frames differ for those on their way; undefined for others. That an advert has a number is nobody's affair. */
function keyOf({source, destination, vlan, payload}: Frame): string | undefined {
  if (!isGroupMac(destination)) return undefined;
  const way = `${source} ${destination} ${vlan}`;
  if (payload.kind === 'arp') {
    const {operation, senderMac, senderIp, targetMac, targetIp} = payload;
    return operation === 'request' ? `${way} ${senderMac} ${senderIp} ${targetMac} ${targetIp}` : undefined;
  }
  if (payload.payload.kind !== 'vrrp') return undefined;
  const {version, vrid, priority, advertInterval, addresses} = payload.payload;
  return `${way} ${payload.source} ${payload.ttl} ${version} ${vrid} ${priority} ${advertInterval} ${addresses.join(' ')}`;
}

/** A passage when a copy is sent, and when it is where it got to. */
type Sent = {readonly latency: Time; readonly cause: number; readonly lost: number};

/** A copy of a frame, which the next one like it repeats for as long as no fact changes that it relied on. */
class Copy implements Repeat {
  readonly #ground: Ground;
  readonly #verdict: Verdict;
  readonly #notes: Notes;
  readonly #before: Sent;
  readonly #after: Sent;
  readonly #lost: Passage['lostCopies'];
  /** How often it was repeated. */
  repeats = 0;
  #held: number;
  #repeatedAt: Time = -1;

  constructor(ground: Ground, verdict: Verdict, notes: Notes, before: Sent, {latency, cause, lostCopies}: Passage) {
    this.#ground = ground;
    this.#verdict = verdict;
    this.#notes = {...notes, relied: [...new Set(notes.relied)], kept: [...new Set(notes.kept)]};
    this.#before = before;
    this.#after = {latency, cause, lost: lostCopies.length};
    this.#lost = lostCopies.slice(before.lost);
    const kept = this.#notes.kept.map(fact => ({fact, leg: 0}));
    this.#held = ground.ledger.hold(this, this.#notes.relied, kept);
  }

  /** Whether a copy that is about to be sent fares like this one. */
  isLike({latency, cause}: Passage): boolean {
    return this.#held >= 0 && latency === this.#before.latency && cause === this.#before.cause;
  }

  /** Whether the next copy is to be run, though it fares like this one: somebody waits for it. */
  get isAwaited(): boolean {
    const {ledger} = this.#ground;
    for (const fact of this.#notes.kept) if (ledger.isAwaited(fact)) return true;
    return false;
  }

  /** Does to the passage all that the copy did. */
  repeat(passage: Passage): Verdict {
    const {counters, engine} = this.#ground;
    const {counted, told} = this.#notes;
    passage.add(this.#notes);
    this.repeats += 1;
    this.#repeatedAt = engine.now;
    for (const counter of counted) counters.add(counter);
    for (const {tell, latency, cause} of told) {
      passage.latency = latency;
      passage.cause = cause;
      tell(passage);
    }
    passage.latency = this.#after.latency;
    passage.cause = this.#after.cause;
    for (const lost of this.#lost) passage.lostCopies.push(lost);
    return this.#verdict;
  }

  forget(): void {
    if (this.#held >= 0) this.#ground.ledger.release(this.#held);
    this.#held = -1;
  }

  settle(): void {
    // What is repeated is counted at once.
  }

  resume(): void {
    this.#held = -1;
  }

  lastAt(): Time {
    return this.#repeatedAt;
  }

  nextAt(): Time {
    return never;
  }
}
