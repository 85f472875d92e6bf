import {never, type Time} from '../../engine/time.ts';
import type {Arp} from '../wire/arp.ts';
import {jiffyAt, kernelAlarm} from './timer-wheel.ts';

/**
 * Requests that a proxy will answer, each in a jiffy of its own, looked after by one kernel timer (pneigh_enqueue,
 * neigh_proxy_process). Linux has one such timer for all interfaces of a host, here each has its own.
 */
export class ProxyQueue {
  readonly #limit: number;
  readonly #phase: Time;
  #requests: readonly {readonly arp: Arp; readonly due: number}[] = [];
  /** The jiffy that the timer was armed for. */
  #expires = never;
  #wakeAt: Time = never;

  /** `limit` is proxy_qlen. */
  constructor(limit: number, phase: Time) {
    this.#limit = limit;
    this.#phase = phase;
  }

  get wakeAt(): Time {
    return this.#wakeAt;
  }

  /** Keeps a request for so many jiffies. It is lost if more than the limit wait already, so one more than that can. */
  push(arp: Arp, jiffies: number, now: Time): void {
    if (this.#requests.length > this.#limit) return;
    const due = jiffyAt(now, this.#phase) + jiffies;
    this.#requests = [...this.#requests, {arp, due}];
    this.#arm(Math.min(this.#expires, due), now);
  }

  /** Takes out those whose time has come, in the order in which they were asked. */
  takeDue(now: Time): readonly Arp[] {
    if (now < this.#wakeAt) return [];
    const jiffy = jiffyAt(now, this.#phase);
    const due = this.#requests.filter(request => request.due <= jiffy);
    this.#requests = this.#requests.filter(request => request.due > jiffy);
    this.#arm(Math.min(never, ...this.#requests.map(request => request.due)), now);
    return due.map(request => request.arp);
  }

  clear(): void {
    this.#requests = [];
    this.#arm(never, 0);
  }

  #arm(expires: number, now: Time): void {
    this.#expires = expires;
    this.#wakeAt = expires === never ? never : kernelAlarm(now, expires, this.#phase);
  }
}
