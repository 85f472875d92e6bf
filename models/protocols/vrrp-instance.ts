import {never, type Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {GarpPlan} from './garp-plan.ts';
import {ownerPriority, type VirtualAddress, type VirtualRoute, type VrrpSettings} from './keepalived-configuration.ts';
import {flawOf} from './vrrp-check.ts';
import type {Advert, SettledRole, VrrpPort, VrrpReason, VrrpState} from './vrrp-port.ts';
import {masterDownTime, skewTime} from './vrrp-timers.ts';
import type {TrackingChange, VrrpTracking} from './vrrp-tracking.ts';

/**
 * One virtual router as keepalived 2.2.7 runs it (keepalived/vrrp/vrrp.c, vrrp_scheduler.c).
 *
 * | state  | what comes                              | then                                                     |
 * | ------ | --------------------------------------- | -------------------------------------------------------- |
 * | init   | start, all tracked well                 | backup, full down time, whatever `state` says            |
 * | init   | start of an owner (255) as MASTER       | backup for 1 µs                                          |
 * | init   | start, something tracked failed         | fault                                                    |
 * | backup | advert, priority 0                      | down time = skew                                         |
 * | backup | advert, priority at least mine          | down time anew                                           |
 * | backup | lower, `nopreempt` or delay not over    | down time anew                                           |
 * | backup | lower otherwise                         | discarded: the down time runs on                         |
 * | backup | down time over                          | master: advert, addresses, routes, GARPs                 |
 * | master | time for an advert                      | advert, GARPs if a refresh is due                        |
 * | master | priority 0                              | advert at once                                           |
 * | master | lower priority, or equal and lower address | advert, GARPs at once and again after a delay         |
 * | master | higher priority, or equal and higher address | backup: addresses go, nobody is told                |
 * | master | tracked fails                           | priority 0 twice, fault                                  |
 * | backup | tracked fails                           | fault                                                    |
 * | fault  | all tracked recovered                   | backup, full down time                                   |
 * | fault  | advert                                  | ignored                                                  |
 *
 * The daemon calls `settled` once it has done all that a call asked for: timers count from then.
 */
export class VrrpInstance {
  #settings: VrrpSettings;
  readonly #address: Ipv4;
  readonly #port: VrrpPort;
  readonly #garps: GarpPlan;
  #tracking: VrrpTracking;
  #state: VrrpState = 'init';
  /** May sink below what was configured: two owners. */
  #basePriority: number;
  #priority: number;
  #masterAdvertInterval: Time;
  #downTime: Time;
  #hasAddresses = false;
  /** When the next advertisement is due, or the master counts as gone. */
  #dueAt: Time = never;
  #preemptAt: Time | undefined;
  #refreshAt: Time | undefined;
  #master: {readonly address: Ipv4; readonly priority: number} | undefined;
  #reason: VrrpReason = {why: 'started'};
  /** Whether timers are set anew when the daemon has finished what was asked for. */
  #rearms = false;
  #transitionAt: Time = 0;

  /** `address` is the source of its advertisements; `tracking` what is known at the start. */
  constructor(settings: VrrpSettings, address: Ipv4, tracking: VrrpTracking, port: VrrpPort) {
    this.#settings = settings;
    this.#address = address;
    this.#tracking = tracking;
    this.#port = port;
    this.#garps = new GarpPlan(settings, garp => {
      port.announce(garp);
    });
    this.#basePriority = this.#priority = settings.priority;
    this.#masterAdvertInterval = settings.advertInterval;
    this.#downTime = this.#fullDownTime();
  }

  get settings(): VrrpSettings {
    return this.#settings;
  }

  get state(): VrrpState {
    return this.#state;
  }

  /** The priority at present, with the weights of what it tracks. */
  get priority(): number {
    return this.#priority;
  }

  /** Who was last believed to be master. */
  get master(): {readonly address: Ipv4; readonly priority: number} | undefined {
    return this.#master;
  }

  get masterAdvertInterval(): Time {
    return this.#masterAdvertInterval;
  }

  get downTime(): Time {
    return this.#downTime;
  }

  get dueAt(): Time {
    return this.#dueAt;
  }

  get hasAddresses(): boolean {
    return this.#hasAddresses;
  }

  get transitionAt(): Time {
    return this.#transitionAt;
  }

  get tracking(): VrrpTracking {
    return this.#tracking;
  }

  /** All that its master has, in the order of announcements. */
  get addresses(): readonly VirtualAddress[] {
    return this.#allAddresses();
  }

  get wakeAt(): Time {
    return Math.min(this.#dueAt, this.#garps.wakeAt);
  }

  /** Whether it waits for nothing but the next advertisement, its own or its master's. */
  get isSteady(): boolean {
    if (this.#garps.wakeAt !== never || this.#preemptAt !== undefined) return false;
    return this.#state === 'backup' || (this.#state === 'master' && this.#settings.garpMasterRefresh === 0);
  }

  /** The process has read its configuration. What an earlier one left on the interfaces goes. */
  start(now: Time): void {
    const {wants} = this.#settings;
    for (const address of this.#allAddresses()) this.#port.setAddress(address, false);
    this.#setPriority(this.#tracking.priorityFor(this.#basePriority));
    this.#downTime = this.#fullDownTime();
    this.#rearms = true;
    if (!this.#tracking.isWell) {
      this.#enter('fault', {why: 'failed', what: this.#tracking.failed ?? ''}, now);
      return;
    }
    if (wants === 'master' && this.#basePriority === ownerPriority) {
      this.#downTime = 1;
      this.#reason = {why: 'owner'};
    } else this.#reason = {why: 'no advert', heardAt: undefined};
    this.#enter('backup', {why: 'started'}, now);
  }

  /** It has long been what it is. */
  beginSettled(role: SettledRole): void {
    this.#state = role.state;
    this.#setPriority(this.#tracking.priorityFor(this.#basePriority));
    this.#downTime = this.#fullDownTime();
    if (role.state === 'master') {
      this.#hasAddresses = true;
      this.#dueAt = role.dueAt;
      this.#refreshAt = this.#nextRefresh(role.dueAt);
    } else if (role.state === 'backup') {
      this.#master = role.master;
      this.heard(role.heardAt);
    }
  }

  /** An advert was sent that was counted instead of run. */
  advertised(at: Time): void {
    this.#dueAt = at + this.#settings.advertInterval;
  }

  /** An advert like the last one was taken in that was counted instead of run. */
  heard(at: Time): void {
    this.#dueAt = at + this.#downTime;
    this.#reason = {why: 'no advert', heardAt: at};
  }

  /** Does what is due: late announcements first. */
  wake(now: Time): void {
    if (this.#garps.wakeAt <= now) {
      this.#port.log();
      this.#garps.wake(now, this.#addressesAnnounced());
    }
    if (this.#dueAt > now) return;
    this.#rearms = true;
    if (this.#state === 'backup') this.#becomeMaster(now);
    else if (this.#state === 'master') this.#advertise(now);
  }

  /** The daemon has done all that it was asked to do. */
  settled(now: Time): void {
    this.#garps.settled(now);
    if (!this.#rearms) return;
    this.#rearms = false;
    if (this.#state === 'master') this.#dueAt = now + this.#settings.advertInterval;
    else this.#dueAt = this.#state === 'backup' ? now + this.#downTime : never;
  }

  /** Takes in an advertisement for its virtual router. */
  receive(advert: Advert, now: Time): void {
    if (this.#state === 'fault' || this.#state === 'init') return;
    const flaw = flawOf(advert, advert.vrrp, this.#settings);
    if (flaw) this.#port.discarded?.(advert.from, flaw);
    if (this.#state === 'backup') this.#hearAsBackup(advert, flaw !== undefined, now);
    else if (flaw === undefined) this.#hearAsMaster(advert, now);
    // A master's next advertisement is counted anew after whatever it heard, believed or not.
    this.#rearms = this.#state !== 'master' || !this.#settings.lowerPrioNoAdvert;
  }

  /** Whether it is a backup that an advertisement like this one lets be: nothing but its down time begins anew. */
  follows(advert: Advert): boolean {
    const {priority} = advert.vrrp;
    if (this.#state !== 'backup' || priority === 0 || this.#master?.address !== advert.from) return false;
    const isEnough = !this.#settings.preempts || priority >= this.#priority;
    return isEnough && flawOf(advert, advert.vrrp, this.#settings) === undefined;
  }

  /** An interface or a script that it tracks has failed or recovered. */
  track(change: TrackingChange, now: Time): void {
    const before = this.#tracking.isWell;
    this.#tracking.apply(change);
    this.#reprioritise();
    if (before && !this.#tracking.isWell) this.#fail(change.name, now);
    else if (!this.#tracking.isWell || before) return;
    else this.#recover(change.name, now);
  }

  /** Asked to end, or no longer in the configuration: a master tells the others and takes its addresses away (vrrp_terminate_phase1). */
  stop(): void {
    if (this.#state === 'master') {
      this.#port.advertise(0);
      this.#leaveInterfaces();
    }
    this.#state = 'init';
    this.#dueAt = never;
    this.#garps.reload(this.#settings);
  }

  /**
   * A new configuration (SIGHUP): state and addresses stay, a master advertises at once, a backup waits the full time
   * anew. Addresses that are new come with a round of announcements (clear_diff_vrrp, restore_vrrp_state).
   */
  reload(settings: VrrpSettings, tracking: VrrpTracking, now: Time): void {
    const had = this.#allAddresses();
    const hadRoutes = this.#settings.virtualRoutes;
    this.#settings = settings;
    this.#tracking = tracking;
    this.#garps.reload(settings);
    this.#basePriority = settings.priority;
    this.#setPriority(tracking.priorityFor(this.#basePriority));
    this.#masterAdvertInterval = settings.advertInterval;
    this.#preemptAt = undefined;
    if (this.#hasAddresses) this.#exchange(had, hadRoutes, now);
    this.#downTime = this.#fullDownTime();
    this.#rearms = true;
    if (!tracking.isWell) {
      if (this.#hasAddresses) this.#leaveInterfaces();
      if (this.#state !== 'fault') this.#enter('fault', {why: 'failed', what: tracking.failed ?? ''}, now);
    } else if (this.#state === 'fault') this.#enter('backup', {why: 'reloaded'}, now);
    else if (this.#state === 'master') {
      this.#rearms = false;
      this.#dueAt = now;
    }
  }

  #hearAsBackup({from, vrrp}: Advert, isFlawed: boolean, now: Time): void {
    const {preempts, preemptDelay, version} = this.#settings;
    const isDelayed = preemptDelay > 0 && (this.#preemptAt === undefined || this.#preemptAt > now);
    if (!isFlawed && vrrp.priority === 0) {
      this.#downTime = this.#skew();
      this.#reason = {why: 'priority 0', heardAt: now};
    } else if (!isFlawed && (!preempts || vrrp.priority >= this.#priority || isDelayed)) {
      if (version === 3) this.#masterAdvertInterval = vrrp.advertInterval;
      this.#downTime = this.#fullDownTime();
      this.#master = {address: from, priority: vrrp.priority};
      this.#reason = {why: 'no advert', heardAt: now};
      if (preemptDelay > 0) this.#startPreemptDelay(vrrp.priority, now);
    } else this.#downTime = Math.max(0, this.#dueAt - now);
  }

  #startPreemptDelay(priority: number, now: Time): void {
    if (priority >= this.#priority) this.#preemptAt = undefined;
    else this.#preemptAt ??= now + this.#settings.preemptDelay;
  }

  #hearAsMaster(advert: Advert, now: Time): void {
    const {from, vrrp} = advert;
    const {lowerPrioNoAdvert, higherPrioSendAdvert, version} = this.#settings;
    if (vrrp.priority === 0) {
      this.#port.advertise(this.#priority);
      return;
    }
    if (higherPrioSendAdvert && this.#compare(advert) > 0) this.#port.advertise(this.#priority);
    // Two owners are a mistake: who hears the other makes itself less than one, and so gives way.
    if (vrrp.priority === ownerPriority && this.#priority === ownerPriority && from !== this.#address) {
      this.#basePriority = this.#priority = ownerPriority - 1;
    }
    const order = this.#compare(advert);
    if (order < 0) {
      if (!lowerPrioNoAdvert) this.#port.advertise(this.#priority);
      this.#garps.afterLowerPriority(now, this.#addressesAnnounced());
    } else if (order > 0) {
      if (version === 3) this.#masterAdvertInterval = vrrp.advertInterval;
      this.#master = {address: from, priority: vrrp.priority};
      this.#reason = {why: 'no advert', heardAt: now};
      this.#preemptAt = undefined;
      const reason: VrrpReason =
        vrrp.priority === this.#priority
          ? {why: 'higher address', from}
          : {why: 'higher priority', from, priority: vrrp.priority};
      this.#enter('backup', reason, now);
      this.#leaveInterfaces();
      this.#downTime = this.#fullDownTime();
    }
  }

  /** Above 0 if the sender is to be master rather than this one: by priority, then by address. */
  #compare({from, vrrp}: Advert): number {
    return vrrp.priority - this.#priority || from - this.#address;
  }

  /** The advertisement goes first, that the old master leaves; then addresses, routes and announcements. */
  #becomeMaster(now: Time): void {
    const {virtualRoutes} = this.#settings;
    this.#preemptAt = undefined;
    this.#enter('master', this.#reason, now);
    this.#port.advertise(this.#priority);
    this.#masterAdvertInterval = this.#settings.advertInterval;
    for (const address of this.#allAddresses()) this.#port.setAddress(address, true);
    this.#hasAddresses = true;
    for (const route of virtualRoutes) this.#port.setRoute(route, true);
    this.#port.poll();
    this.#garps.asNewMaster(now, this.#addressesAnnounced());
    this.#port.log();
    this.#refreshAt = this.#nextRefresh(now);
  }

  #advertise(now: Time): void {
    this.#port.advertise(this.#priority);
    if (this.#refreshAt === undefined || now <= this.#refreshAt) return;
    this.#garps.refresh(now, this.#addressesAnnounced());
    this.#refreshAt = this.#nextRefresh(now);
  }

  #nextRefresh(now: Time): Time | undefined {
    const {garpMasterRefresh} = this.#settings;
    return garpMasterRefresh > 0 ? now + garpMasterRefresh : undefined;
  }

  /** Priority 0 goes out twice: once as it leaves for FAULT, once as it clears its interfaces. */
  #fail(what: string, now: Time): void {
    const wasMaster = this.#state === 'master';
    this.#enter('fault', {why: 'failed', what}, now);
    if (wasMaster) {
      this.#port.advertise(0);
      this.#port.advertise(0);
      this.#leaveInterfaces();
    }
    this.#rearms = true;
  }

  #recover(what: string, now: Time): void {
    this.#preemptAt = undefined;
    this.#reason = {why: 'no advert', heardAt: undefined};
    this.#masterAdvertInterval = this.#settings.advertInterval;
    this.#downTime = this.#fullDownTime();
    this.#enter('backup', {why: 'recovered', what}, now);
    this.#rearms = true;
  }

  /**
   * A new priority moves the down time by the difference of the old one and the new one; where the old one was what was
   * left after a discarded advertisement, it moves by too much (vrrp_set_effective_priority).
   */
  #reprioritise(): void {
    if (this.#basePriority === ownerPriority) return;
    const before = this.#priority;
    this.#setPriority(this.#tracking.priorityFor(this.#basePriority));
    if (this.#priority === before) return;
    this.#port.priorityChanged?.(before, this.#priority);
    const old = this.#downTime;
    this.#downTime = this.#fullDownTime();
    if (this.#state === 'backup') this.#dueAt += this.#downTime - old;
  }

  #setPriority(priority: number): void {
    this.#priority =
      this.#basePriority === ownerPriority ? ownerPriority : Math.max(1, Math.min(ownerPriority - 1, priority));
  }

  /** Routes go first, and what was to be announced later is not. */
  #leaveInterfaces(): void {
    for (const route of this.#settings.virtualRoutes) this.#port.setRoute(route, false);
    this.#garps.forget();
    for (const address of this.#allAddresses()) this.#port.setAddress(address, false);
    this.#hasAddresses = false;
  }

  /** Puts what a new configuration has in place of what the old one had. */
  #exchange(had: readonly VirtualAddress[], hadRoutes: readonly VirtualRoute[], now: Time): void {
    const has = this.#allAddresses();
    const {virtualRoutes} = this.#settings;
    for (const route of hadRoutes)
      if (!virtualRoutes.some(other => isSameRoute(route, other))) this.#port.setRoute(route, false);
    for (const address of had) if (!has.some(other => isSame(address, other))) this.#port.setAddress(address, false);
    const added = has.filter(address => !had.some(other => isSame(address, other)));
    for (const address of added) this.#port.setAddress(address, true);
    for (const route of virtualRoutes) this.#port.setRoute(route, true);
    if (added.length > 0) this.#garps.afterReload(now, this.#addressesAnnounced());
  }

  #enter(to: VrrpState, reason: VrrpReason, now: Time): void {
    const from = this.#state;
    this.#state = to;
    this.#transitionAt = now;
    this.#port.entered(from, to, reason);
  }

  #allAddresses(): readonly VirtualAddress[] {
    return [...this.#settings.virtualAddresses, ...this.#settings.excludedAddresses];
  }

  /** Nothing is announced that is not there. */
  #addressesAnnounced(): readonly VirtualAddress[] {
    return this.#hasAddresses ? this.#allAddresses() : [];
  }

  #skew(): Time {
    return skewTime(this.#settings.version, this.#priority, this.#masterAdvertInterval);
  }

  #fullDownTime(): Time {
    const {version, downTimerAdverts} = this.#settings;
    return masterDownTime(version, this.#priority, this.#masterAdvertInterval, downTimerAdverts);
  }
}

function isSame(one: VirtualAddress, other: VirtualAddress): boolean {
  return one.address === other.address && one.length === other.length && one.device === other.device;
}

function isSameRoute(one: VirtualRoute, other: VirtualRoute): boolean {
  const isSamePrefix = one.prefix.address === other.prefix.address && one.prefix.length === other.prefix.length;
  return isSamePrefix && one.via === other.via && one.device === other.device;
}
