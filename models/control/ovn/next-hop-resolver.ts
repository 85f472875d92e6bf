import {drawWhole, type Stream} from '../../../engine/chance.ts';
import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import {routerKey} from '../../tables/southbound-contents.ts';
import type {PacketIn} from '../../tables/openflow-channel.ts';
import type {LogicalRouter} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Write} from './southbound-messages.ts';

type Unresolved = Extract<PacketIn, {readonly kind: 'unresolved'}>;
type Learnt = Extract<PacketIn, {readonly kind: 'learn'}>;
type Queue = {readonly packets: Unresolved[]; expiresAt: Time};

/** A ring of four slots, of which one stays empty (pinctrl.c: BUFFER_QUEUE_DEPTH). */
const queueDepth = 3;

/** Next hops with packets waiting; packets to more are lost (pinctrl.c, pinctrl_handle_buffered_packets). */
const mostQueues = 1000;

/** After the last packet came (pinctrl.c: BUFFER_MAP_TIMEOUT). */
const queueTimeout: Time = seconds(10);

/** Addresses heard of and not written yet; more are forgotten (mac-learn.c: MAX_MAC_BINDINGS). */
const mostLearnt = 1000;

/** Racing writers of one binding are spread over this many milliseconds (mac-learn.c: MAX_MAC_BINDING_DELAY_MSEC). */
const longestDelay = 50;

/**
 * How ovn-controller finds the MACs of next hops (pinctrl.c): packets to an unknown one wait here, three of them at most;
 * what is heard is written to the southbound database, and what comes back from there releases them.
 */
export class NextHopResolver {
  readonly #stream: Stream;
  readonly #queues = new Map<number, Queue>();
  readonly #learnt = new Map<number, {readonly learnt: Learnt; readonly at: Time; readonly cause: number}>();
  #draws = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** When something learnt is to be written. */
  get wakeAt(): Time {
    let earliest = never;
    for (const {at} of this.#learnt.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  /** A packet for an unknown next hop. The newest are kept. */
  hold(packet: Unresolved, now: Time): void {
    const key = routerKey(packet.router.number, packet.nextHop);
    let queue = this.#queues.get(key);
    if (!queue) {
      if (this.#queues.size >= mostQueues) {
        packet.discard('buffer full');
        return;
      }
      this.#queues.set(key, (queue = {packets: [], expiresAt: 0}));
    }
    queue.packets.push(packet);
    queue.expiresAt = now + queueTimeout;
    if (queue.packets.length > queueDepth) queue.packets.shift()?.discard('buffer full');
  }

  /** An address was heard of. What everybody heard is written after a while; what is heard again does not put it off. */
  learn(learnt: Learnt, cause: number, now: Time): void {
    const key = routerKey(learnt.router.number, learnt.address);
    const known = this.#learnt.get(key);
    if (!known && this.#learnt.size >= mostLearnt) return;
    const at = known?.at ?? now + this.#delay(learnt);
    this.#learnt.set(key, {learnt, at, cause});
  }

  /** What is to be written by now and is not known yet. */
  writes(now: Time, known: (router: LogicalRouter, address: Ipv4) => Mac | undefined): readonly Write[] {
    const writes: Write[] = [];
    for (const [key, {learnt, at, cause}] of this.#learnt) {
      if (at > now) continue;
      this.#learnt.delete(key);
      if (known(learnt.router, learnt.address) === learnt.mac) continue;
      writes.push({table: 'MAC_Binding', key, value: learnt.mac, cause});
    }
    return writes;
  }

  /** A binding has come from the database: packets that waited for it go on. */
  resolved(key: number, mac: Mac): void {
    const queue = this.#queues.get(key);
    this.#queues.delete(key);
    for (const packet of queue?.packets ?? []) packet.release(mac);
  }

  /** Gives up what has waited too long. */
  expire(now: Time): void {
    for (const [key, queue] of this.#queues) if (queue.expiresAt < now) this.#discard(key, 'next hop unresolved');
  }

  /** The process ends. */
  clear(): void {
    this.#learnt.clear();
    for (const key of [...this.#queues.keys()]) this.#discard(key, 'ovn-controller not running');
  }

  #delay({broadcast}: Learnt): Time {
    return broadcast ? milliseconds(drawWhole(this.#stream, this.#draws++, 1, longestDelay)) : 0;
  }

  #discard(key: number, why: Parameters<Unresolved['discard']>[0]): void {
    const queue = this.#queues.get(key);
    this.#queues.delete(key);
    for (const packet of queue?.packets ?? []) packet.discard(why);
  }
}
