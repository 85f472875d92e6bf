import type {Fact} from '../../engine/ledger.ts';
import {milliseconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {kernelClock, type AgeingClock} from '../protocols/ageing-clock.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {largestPiece} from '../wire/fragments.ts';
import {countFrames, type Frame} from '../wire/frame.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {copyCounter} from './flood-copies.ts';
import {flood} from './flood.ts';
import {MacLearner} from './mac-learner.ts';
import {applyRules, isUnlucky, type Nic, type Rule} from './nic.ts';
import {dropped, type DropReason, type Passage, type Verdict} from './passage.ts';

/** What a segment carries: tunnels, networks themselves, the way to the controller; or a LAN without a cloud. */
export type SegmentKind = 'underlay' | 'provider' | 'management' | 'lan';

export type SegmentSettings = {
  readonly name: string;
  readonly kind: SegmentKind;
  readonly latency: Time;
  readonly jitter: Time;
  readonly loss: number;
  /** Bytes of the largest packet that the cards and the switch take. */
  readonly mtu: number;
  readonly ageing: Time;
  /** The first and last of each range of tags that the switch's ports carry; undefined: all. Untagged frames always pass. */
  readonly trunk: readonly (readonly [first: number, last: number])[] | undefined;
  /** Whether a port takes frames from the MAC of the card that is plugged into it only. */
  readonly knownMacsOnly: boolean;
};

/** A physical layer 2 network: one switch that learns MACs, and a link to each network card. */
export class Segment {
  readonly name: string;
  readonly #ground: Ground;
  readonly #settings: SegmentSettings;
  readonly #ports: Nic[] = [];
  readonly #numbers = new Map<Nic, number>();
  /** By tag, 0 for untagged frames: a MAC may be elsewhere in another VLAN. */
  readonly #vlans = new Map<number, MacLearner>();
  readonly #clock: AgeingClock;
  readonly #begunAt: Time;
  readonly #fact: Fact;
  /** Which ports have carrier. */
  readonly #carriersFact: Fact;
  readonly #rules = new Map<string, Rule>();

  constructor(ground: Ground, settings: SegmentSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.name = settings.name;
    this.#fact = ground.ledger.add();
    this.#carriersFact = ground.ledger.add();
    this.#clock = kernelClock(Math.floor(ground.chance.sequence(`segment/${settings.name}`)() * phaseSpan));
    this.#begunAt = ground.engine.now;
  }

  get kind(): SegmentKind {
    return this.#settings.kind;
  }

  get mtu(): number {
    return this.#settings.mtu;
  }

  plug(nic: Nic): void {
    this.#numbers.set(nic, this.#ports.push(nic) - 1);
  }

  addRule(key: string, rule: Rule): void {
    this.#rules.set(key, rule);
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  removeRule(key: string): void {
    if (this.#rules.delete(key)) this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  /** Carrier on a port was lost or is back: without it the switch forgets what it learnt there at once. */
  portChanged(nic: Nic, up: boolean): void {
    // Why is no cause of what becomes of copies to the others.
    this.#ground.ledger.changed(this.#carriersFact, 0);
    if (up) return;
    for (const macs of this.#vlans.values()) macs.flush(this.#portOf(nic));
  }

  /** What the switch has learnt, as `bridge fdb` shows it; `vlan` is 0 for untagged frames. */
  learnt(): readonly {readonly mac: Mac; readonly vlan: number; readonly host: string}[] {
    return [...this.#vlans].flatMap(([vlan, macs]) =>
      [...macs.entries()].map(([mac, port]) => ({mac, vlan, host: this.#ports[port].host})),
    );
  }

  /** Carries a frame from a network card to where it belongs. */
  carry(frame: Frame, from: Nic, passage: Passage): Verdict {
    const {latency, jitter, loss} = this.#settings;
    passage.rely(this.#fact);
    const refusal = this.#refusalOf(frame, from);
    if (refusal) {
      passage.count(this.#ground.counters.of(this.name, 'frames refused'), countFrames(frame));
      return dropped(refusal, this.name);
    }
    if (this.#ground.taps.open) this.#ground.taps.see(this.name, frame, passage.arrivesAt);
    if (loss > 0 && isUnlucky(loss, frame, passage, `${this.name}/loss`)) {
      // The network is like that: no fault is to blame.
      passage.cause = 0;
      return dropped('random loss', this.name);
    }
    const late = jitter > 0 ? Math.floor(passage.draw(`${this.name}/jitter`) * (jitter + 1)) : 0;
    return applyRules(this.#rules.values(), 'in', this.name, frame, passage, () => {
      const goOn = () => this.#switch(frame, from, passage);
      if (latency + late >= milliseconds(1)) return passage.wait(latency + late, this.name, goOn);
      passage.latency += latency + late;
      return goOn();
    });
  }

  /** Why the port where a frame comes in does not take it. */
  #refusalOf({source, vlan, payload}: Frame, from: Nic): DropReason | undefined {
    const {trunk, knownMacsOnly, mtu} = this.#settings;
    if (payload.kind === 'ipv4' && largestPiece(payload) > mtu) return 'larger than the mtu';
    const isCarried = vlan === undefined || !trunk || trunk.some(([first, last]) => vlan >= first && vlan <= last);
    if (!isCarried) return 'vlan not trunked';
    return knownMacsOnly && source !== from.mac ? 'mac not allowed' : undefined;
  }

  #switch(frame: Frame, from: Nic, passage: Passage): Verdict {
    const macs = this.#vlanOf(frame);
    // A frame that was on its way when its port lost carrier goes on, but what it taught would have been forgotten.
    if (from.carrier) macs.learn(frame.source, this.#portOf(from), passage);
    if (isGroupMac(frame.destination)) return this.#flood(frame, from, passage);
    const port = macs.lookup(frame.destination, passage);
    if (port === undefined) return this.#flood(frame, from, passage);
    const to = this.#ports[port];
    if (to === from) return dropped('learnt on the port it came from', this.name);
    passage.count(this.#ground.counters.of(this.name, 'frames switched'), countFrames(frame));
    return to.arrive(frame, passage);
  }

  /** A copy to every other port: for broadcasts, and for addresses that the switch does not know. */
  #flood(frame: Frame, from: Nic, passage: Passage): Verdict {
    if (frame.payload.kind === 'arp') passage.once();
    passage.rely(this.#carriersFact);
    const others = this.#ports.filter(nic => nic !== from && nic.carrier);
    if (others.length === 0) return dropped('flooded in vain', this.name);
    copyCounter(this.#ground, this.name, frame, passage)(others.length);
    const meant = others.filter(nic => !nic.ignores(frame));
    if (this.#ground.taps.open) for (const nic of others) if (nic.ignores(frame)) nic.overhear(frame, passage);
    return flood(meant, nic => nic.arrive(frame, passage), this.name, passage);
  }

  #vlanOf({vlan = 0}: Frame): MacLearner {
    let found = this.#vlans.get(vlan);
    if (!found) {
      const {name, ageing} = this.#settings;
      const portName = (port: number): string => this.#ports[port].host;
      found = new MacLearner(this.#ground, {place: name, ageing, since: this.#begunAt, clock: this.#clock, portName});
      this.#vlans.set(vlan, found);
    }
    return found;
  }

  #portOf(nic: Nic): number {
    const port = this.#numbers.get(nic);
    if (port === undefined) throw new Error(`${nic.place} is not plugged into ${this.name}`);
    return port;
  }
}
