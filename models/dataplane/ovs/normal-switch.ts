import {seconds, type Time} from '../../../engine/time.ts';
import type {Fact} from '../../../engine/ledger.ts';
import type {Ground} from '../../ground.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import {secondsClock, type AgeingClock} from '../../protocols/ageing-clock.ts';
import type {OfPort} from '../../protocols/openflow/flow.ts';
import type {Frame} from '../../wire/frame.ts';
import {isGroupMac, type Mac} from '../../wire/mac.ts';
import {MacLearner} from '../mac-learner.ts';
import type {Passage} from '../passage.ts';

/** How long a MAC is known without a frame from it (MAC_ENTRY_DEFAULT_IDLE_TIME, lib/mac-learning.h). */
const idleTime: Time = seconds(300);

/** A port: of one VLAN whose frames have no tag there, of all VLANs, or of none. */
export type Membership = number | 'trunk' | 'none';

type Port = {readonly name: string; member: Membership};

/** Where a frame goes. */
export type Copy = {readonly port: OfPort; readonly frame: Frame};

export type Decision = {
  readonly copies: readonly Copy[];
  /** It was not known where it should go. */
  readonly flooded: boolean;
  /** Why there are no copies. */
  readonly reason?: 'port not wired' | 'not addressed to this host' | 'learnt on the port it came from';
};

/** What `NORMAL` does at one bridge: a switch that learns, with VLANs (ofproto/ofproto-dpif-xlate.c, xlate_normal). */
export class NormalSwitch {
  readonly #ground: Ground;
  readonly #place: string;
  readonly #clock: AgeingClock;
  readonly #ports = new Map<OfPort, Port>();
  readonly #vlans = new Map<number, MacLearner>();
  /** What VLANs a port belongs to. */
  readonly #members: KeyedFacts;
  /** What VLANs any port belongs to. */
  readonly #allMembers: Fact;

  constructor(ground: Ground, place: string, phase: Time) {
    this.#ground = ground;
    this.#place = place;
    this.#clock = secondsClock(phase);
    this.#members = new KeyedFacts(ground.ledger);
    this.#allMembers = ground.ledger.add();
  }

  /** What it has learnt; `vlan` is 0 for frames without a tag. */
  learnt(): readonly {readonly port: OfPort; readonly vlan: number; readonly mac: Mac; readonly lastSeenAt: Time}[] {
    return [...this.#vlans].flatMap(([vlan, macs]) =>
      [...macs.entries()].map(([mac, port]) => ({port, vlan, mac, lastSeenAt: macs.lastSeenAt(mac)})),
    );
  }

  addPort(number: OfPort, name: string, member: Membership): void {
    this.#ports.set(number, {name, member});
    this.#changed(number);
  }

  removePort(number: OfPort): void {
    if (!this.#ports.delete(number)) return;
    this.#flush(number);
    this.#changed(number);
  }

  /** What is known behind a port goes with its VLAN (bundle_flush_macs). */
  setMember(number: OfPort, member: Membership): void {
    const port = this.#ports.get(number);
    if (!port || port.member === member) return;
    port.member = member;
    this.#flush(number);
    this.#changed(number);
  }

  memberOf(number: OfPort): Membership | undefined {
    return this.#ports.get(number)?.member;
  }

  /** The process is gone, with all that it has learnt. */
  forget(): void {
    for (const number of this.#ports.keys()) this.#flush(number);
  }

  /** Where a frame goes that came in by a port. `teaching`: whether something new may be learnt from it. */
  decide(from: OfPort, frame: Frame, passage: Passage, teaching: boolean): Decision {
    passage.rely(this.#members.of(from));
    const vlan = vlanFrom(this.#ports.get(from)?.member, frame);
    if (vlan === undefined) return {copies: [], flooded: false, reason: 'port not wired'};
    const macs = this.#macsOf(vlan);
    if (teaching || macs.lookup(frame.source, passage) === from) macs.learn(frame.source, from, passage);
    if (isGroupMac(frame.destination)) return this.#flood(from, vlan, frame, passage);
    const to = macs.lookup(frame.destination, passage);
    if (to === undefined) return this.#flood(from, vlan, frame, passage);
    if (to === from) return {copies: [], flooded: false, reason: 'learnt on the port it came from'};
    const copy = this.#copyTo(to, vlan, frame);
    return copy ? {copies: [copy], flooded: false} : this.#flood(from, vlan, frame, passage);
  }

  #flood(from: OfPort, vlan: number, frame: Frame, passage: Passage): Decision {
    passage.rely(this.#allMembers);
    const others = [...this.#ports.keys()].filter(number => number !== from);
    return {copies: others.flatMap(number => this.#copyTo(number, vlan, frame) ?? []), flooded: true};
  }

  #copyTo(number: OfPort, vlan: number, frame: Frame): Copy | undefined {
    const member = this.#ports.get(number)?.member;
    if (member === 'trunk') return {port: number, frame: {...frame, vlan: vlan === 0 ? undefined : vlan}};
    return member === vlan ? {port: number, frame: {...frame, vlan: undefined}} : undefined;
  }

  #macsOf(vlan: number): MacLearner {
    let macs = this.#vlans.get(vlan);
    if (!macs) {
      macs = new MacLearner(this.#ground, {
        place: this.#place,
        ageing: idleTime,
        since: this.#ground.engine.now,
        clock: this.#clock,
        portName: number => this.#ports.get(number)?.name ?? 'a port that is gone',
      });
      this.#vlans.set(vlan, macs);
    }
    return macs;
  }

  #flush(port: OfPort): void {
    for (const macs of this.#vlans.values()) macs.flush(port);
  }

  #changed(port: OfPort): void {
    const {ledger, engine} = this.#ground;
    ledger.changed(this.#members.of(port), engine.cause);
    // No cause of what becomes of copies to the others.
    ledger.changed(this.#allMembers, 0);
  }
}

/** The VLAN of a frame that comes in by such a port; undefined if the port does not take it. */
function vlanFrom(member: Membership | undefined, {vlan}: Frame): number | undefined {
  if (member === 'trunk') return vlan ?? 0;
  return typeof member === 'number' && vlan === undefined ? member : undefined;
}
