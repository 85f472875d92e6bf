import {milliseconds, never, seconds, type Time} from '../../engine/time.ts';

export type ReconnectSettings = {
  readonly minBackoff: Time;
  readonly maxBackoff: Time;
  /** After so long without a word a probe is sent, and after as long again without an answer the connection is given up. 0 is off. */
  readonly probeInterval: Time;
};

/** lib/reconnect.h; the OpenFlow connection (lib/rconn.c) backs off in the same way. */
export const reconnectDefaults: ReconnectSettings = {
  minBackoff: milliseconds(1000),
  maxBackoff: milliseconds(8000),
  probeInterval: seconds(5),
};

/** What its owner is to do. */
export type ReconnectAction = 'connect' | 'give up' | 'probe';

const leastConnectTimeout = milliseconds(1000);

/**
 * How daemons of Open vSwitch and OVN keep a connection (lib/reconnect.c): back off 1, 2, 4, 8, 8, … seconds between
 * attempts, start over with 1 after a connection that lasted longer than the last back-off, probe when nothing was heard.
 *
 * | state      | lasts until                   | then                 |
 * | ---------- | ----------------------------- | -------------------- |
 * | backoff    | the back-off has passed       | connect → connecting |
 * | connecting | max(1 s, back-off) has passed | give up → backoff    |
 * | active     | nothing heard for an interval | probe → idle         |
 * | idle       | nothing heard for another     | give up → backoff    |
 */
export class Reconnect {
  readonly #settings: ReconnectSettings;
  #state: 'backoff' | 'connecting' | 'active' | 'idle' = 'backoff';
  #enteredAt: Time;
  #backoff: Time = 0;
  #lastActivity: Time;
  #lastConnected: Time = never;

  /** The first attempt comes at once. */
  constructor(settings: ReconnectSettings, now: Time) {
    this.#settings = settings;
    this.#enteredAt = now;
    this.#lastActivity = now;
  }

  get connected(): boolean {
    return this.#state === 'active' || this.#state === 'idle';
  }

  get wakeAt(): Time {
    const {probeInterval} = this.#settings;
    switch (this.#state) {
      case 'backoff':
        return this.#enteredAt + this.#backoff;
      case 'connecting':
        return this.#enteredAt + Math.max(leastConnectTimeout, this.#backoff);
      case 'active':
        return probeInterval === 0 ? never : Math.max(this.#lastActivity, this.#enteredAt) + probeInterval;
      case 'idle':
        return this.#enteredAt + probeInterval;
    }
  }

  /** What is due at `now`, if anything. The state has moved on when it returns. */
  wake(now: Time): ReconnectAction | undefined {
    if (now < this.wakeAt) return undefined;
    switch (this.#state) {
      case 'backoff':
        this.#enter('connecting', now);
        return 'connect';
      case 'active':
        this.#enter('idle', now);
        return 'probe';
      case 'connecting':
      case 'idle':
        this.disconnected(now);
        return 'give up';
    }
  }

  hasConnected(now: Time): void {
    this.#enter('active', now);
    this.#lastConnected = now;
    this.#lastActivity = now;
  }

  /** Something was heard. */
  activity(now: Time): void {
    this.#lastActivity = now;
    if (this.#state === 'idle') this.#enter('active', now);
  }

  /** The connection is gone, or an attempt has failed. */
  disconnected(now: Time): void {
    if (this.#state === 'backoff') return;
    const {minBackoff, maxBackoff} = this.#settings;
    const lasted = this.connected && this.#lastActivity - this.#lastConnected >= this.#backoff;
    if (lasted || this.#backoff < minBackoff) this.#backoff = minBackoff;
    else this.#backoff = this.#backoff < maxBackoff / 2 ? this.#backoff * 2 : maxBackoff;
    this.#enter('backoff', now);
  }

  #enter(state: 'backoff' | 'connecting' | 'active' | 'idle', now: Time): void {
    this.#state = state;
    this.#enteredAt = now;
  }
}
