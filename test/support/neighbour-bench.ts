import {never, seconds, toSeconds, type Time} from '../../engine/time.ts';
import {neighbourDefaults, type NeighbourSettings} from '../../models/protocols/neighbour-settings.ts';
import {Neighbour, type Hearing, type NeighbourState} from '../../models/protocols/neighbour.ts';
import {formatMac, type Mac} from '../../models/wire/mac.ts';

export const oldMac: Mac = 0x02_00_00_00_00_0a;
export const newMac: Mac = 0x02_00_00_00_00_0b;

const address = 0x0a_00_00_02;

type BenchOptions = {
  readonly settings?: Partial<NeighbourSettings>;
  readonly phase?: Time;
  readonly reachableTime?: Time;
};

/**
 * One neighbour entry and a clock. Everything that can be seen from outside becomes a line. Time passes by `until` and
 * `at`, which let the entry's own timers ring on the way.
 */
export class NeighbourBench {
  readonly lines: string[] = [];
  readonly entry: Neighbour<string>;
  readonly states: {readonly at: Time; readonly state: NeighbourState}[] = [];
  /** What the owner has counted without running it. */
  usedAt: Time = -1;
  nextUseAt: Time = never;
  confirmedAt: Time = -1;
  readonly #on;
  #now: Time = 0;

  constructor({settings = {}, phase = 0, reachableTime = seconds(30)}: BenchOptions = {}) {
    this.#on = {settings: {...neighbourDefaults, ...settings}, phase, reachableTime};
    this.entry = new Neighbour<string>(
      address,
      this.#on,
      {
        solicit: (_target, to) => this.#note(to === undefined ? 'asks everyone' : `asks ${name(to)}`),
        forward: (packet, to) => this.#note(`sends ${packet} to ${name(to)}`),
        drop: (packet, reason) => this.#note(`drops ${packet}: ${reason}`),
        sizesOf: () => [128],
        changed: (_target, from) => {
          const {state} = this.entry;
          this.states.push({at: this.#now, state});
          this.#note(from === state ? `is ${state} with ${name(this.entry.mac)}` : `${from} → ${state}`);
        },
        usedAt: () => this.usedAt,
        nextUseAt: () => this.nextUseAt,
        confirmedAt: () => this.confirmedAt,
      },
      0,
    );
  }

  get now(): Time {
    return this.#now;
  }

  /** Lets time pass. */
  until(time: Time): this {
    while (this.entry.wakeAt <= time) {
      this.#now = this.entry.wakeAt;
      this.entry.wake(this.#now);
    }
    this.#now = time;
    return this;
  }

  /** Lets time pass until the entry is in `state`; an assertion if it never gets there. */
  untilState(state: NeighbourState): this {
    while (this.entry.state !== state) {
      if (this.entry.wakeAt === never) throw new Error(`${this.entry.state} never becomes ${state}`);
      this.until(this.entry.wakeAt);
    }
    return this;
  }

  pass(time: Time): this {
    return this.until(this.#now + time);
  }

  /** Hands over a packet of 100 bytes of payload in UDP. */
  packet(packet = 'p'): this {
    const mac = this.entry.output(packet, this.#now);
    if (mac !== undefined) this.#note(`sends ${packet} to ${name(mac)}`);
    return this;
  }

  /** A unicast reply comes in. */
  reply(mac = oldMac): this {
    return this.#hear('reply', mac, {toMe: true, asksMe: false, gratuitous: false});
  }

  /** A broadcast reply comes in that Linux does not take for an announcement. */
  broadcastReply(mac = oldMac): this {
    return this.#hear('reply', mac, {toMe: false, asksMe: false, gratuitous: false});
  }

  /** A gratuitous request comes in. */
  announcement(mac = oldMac): this {
    return this.#hear('request', mac, {toMe: false, asksMe: false, gratuitous: true});
  }

  /** The entry is resolved and reachable. */
  reachable(): this {
    return this.packet('first').reply();
  }

  /** Forgets what was noted so far. */
  clear(): this {
    this.lines.length = 0;
    this.states.length = 0;
    return this;
  }

  #hear(operation: 'request' | 'reply', senderMac: Mac, how: Hearing): this {
    const arp = {kind: 'arp', operation, senderMac, senderIp: address, targetMac: 0, targetIp: address} as const;
    this.entry.hear(arp, how, this.#now);
    return this;
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#now).toFixed(3)} ${line}`);
  }
}

function name(mac: Mac | undefined): string {
  if (mac === oldMac) return 'old';
  if (mac === newMac) return 'new';
  return mac === undefined ? 'nobody' : formatMac(mac);
}
