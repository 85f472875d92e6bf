import {never, type Time} from '../../engine/time.ts';
import type {VirtualAddress, VrrpSettings} from './keepalived-configuration.ts';

type Late = {readonly after: Time; readonly repeat: number};

/**
 * When a master announces its addresses (vrrp_send_link_update, vrrp_arp.c): in bursts of some rounds over all of them. A
 * burst that was put off is not called off when the instance leaves MASTER; it only finds nothing to announce unless it
 * is master again. With an interval between announcements on an interface, those that come too early wait, one for each
 * address however many rounds were meant.
 */
export class GarpPlan {
  #settings: VrrpSettings;
  readonly #announce: (address: VirtualAddress) => void;
  /** Bursts whose delay begins when the daemon has finished. */
  #asked: Late[] = [];
  #late: {readonly at: Time; readonly repeat: number}[] = [];
  #waiting: VirtualAddress[] = [];
  #waitingUntil: Time = never;
  readonly #freeAt = new Map<string, Time>();

  constructor(settings: VrrpSettings, announce: (address: VirtualAddress) => void) {
    this.#settings = settings;
    this.#announce = announce;
  }

  get wakeAt(): Time {
    return this.#late.reduce((earliest, {at}) => Math.min(earliest, at), this.#waitingUntil);
  }

  asNewMaster(now: Time, addresses: readonly VirtualAddress[]): void {
    const {garpMasterRepeat, garpMasterDelay} = this.#settings;
    this.#burst(garpMasterRepeat, now, addresses);
    if (garpMasterDelay > 0) this.#asked.push({after: garpMasterDelay, repeat: garpMasterRepeat});
  }

  afterLowerPriority(now: Time, addresses: readonly VirtualAddress[]): void {
    const {garpLowerPrioRepeat, garpLowerPrioDelay} = this.#settings;
    if (garpLowerPrioRepeat === 0) return;
    this.#burst(garpLowerPrioRepeat, now, addresses);
    if (garpLowerPrioDelay > 0) this.#asked.push({after: garpLowerPrioDelay, repeat: garpLowerPrioRepeat});
  }

  refresh(now: Time, addresses: readonly VirtualAddress[]): void {
    this.#burst(this.#settings.garpMasterRefreshRepeat, now, addresses);
  }

  /** Addresses have come with a new configuration. */
  afterReload(now: Time, addresses: readonly VirtualAddress[]): void {
    this.#burst(this.#settings.garpMasterRepeat, now, addresses);
  }

  /** Sends what was put off until now, as far as the addresses are there. */
  wake(now: Time, addresses: readonly VirtualAddress[]): void {
    const due = this.#late.filter(({at}) => at <= now);
    this.#late = this.#late.filter(({at}) => at > now);
    for (const {repeat} of due) this.#burst(repeat, now, addresses);
    if (this.#waitingUntil > now) return;
    const waited = addresses.filter(address => this.#waiting.includes(address));
    this.#waiting = [];
    this.#waitingUntil = never;
    for (const address of waited) this.#send(address, now);
  }

  /** The daemon has finished: delays begin. */
  settled(now: Time): void {
    for (const {after, repeat} of this.#asked) this.#late.push({at: now + after, repeat});
    this.#asked = [];
  }

  /** The addresses go: nothing waits for them. */
  forget(): void {
    this.#waiting = [];
    this.#waitingUntil = never;
  }

  /** A new configuration: all that was put off is lost with the old one. */
  reload(settings: VrrpSettings): void {
    this.#settings = settings;
    this.#asked = [];
    this.#late = [];
    this.forget();
  }

  #burst(rounds: number, now: Time, addresses: readonly VirtualAddress[]): void {
    for (let round = 0; round < rounds; round++) for (const address of addresses) this.#send(address, now);
  }

  #send(address: VirtualAddress, now: Time): void {
    const {garpInterval} = this.#settings;
    const freeAt = this.#freeAt.get(address.device) ?? 0;
    if (garpInterval > 0 && now < freeAt) {
      if (!this.#waiting.includes(address)) this.#waiting.push(address);
      this.#waitingUntil = Math.min(this.#waitingUntil, Math.max(freeAt, now + 1));
      return;
    }
    this.#announce(address);
    if (garpInterval > 0) this.#freeAt.set(address.device, now + garpInterval);
  }
}
