import {milliseconds, type Time} from '../../engine/time.ts';
import type {Host} from '../daemons/host.ts';
import type {Ground} from '../ground.ts';

/** Without anything else to do the revalidators look at all datapath flows this often (max-revalidator). */
const longestPause: Time = milliseconds(500);

/** Two rounds never begin closer together (ofproto-dpif-upcall.c, udpif_revalidator). */
const shortestPause: Time = milliseconds(5);

/**
 * The revalidator threads of one ovs-vswitchd. A round begins when something has changed that flows were translated from,
 * and else half a second after the last one began; only in a round do the packets of cached flows teach MAC tables.
 */
export class Revalidators {
  readonly #ground: Ground;
  readonly #host: Host;
  #lastAt: Time;
  #rounds = 0;
  #planned: Time | undefined;
  #work: (() => void)[] = [];
  #life = 0;

  constructor(ground: Ground, host: Host) {
    this.#ground = ground;
    this.#host = host;
    this.#lastAt = -Math.floor(ground.chance.sequence(`${host.name}/revalidators`)() * longestPause);
  }

  /** Something changed: a round begins now. */
  trigger(): void {
    const {engine} = this.#ground;
    const at = Math.max(engine.now, this.#lastPassed() + shortestPause);
    if (this.#work.length > 0) this.#plan(at);
    else this.#lastAt = at;
  }

  /** Does `act` once the next round has dealt with the flows. */
  inNextRound(act: () => void): void {
    this.#work.push(act);
    if (this.#planned === undefined) this.#plan(this.#lastPassed() + longestPause);
  }

  /** The process ends; what waited for a round is forgotten. */
  clear(): void {
    this.#work = [];
    this.#planned = undefined;
    this.#life += 1;
  }

  #plan(at: Time): void {
    if (this.#planned !== undefined && this.#planned <= at) return;
    this.#planned = at;
    this.#ground.later.at(at, () => {
      if (this.#planned !== at) return;
      this.#planned = undefined;
      this.#round();
    });
  }

  #round(): void {
    const {engine, later} = this.#ground;
    this.#lastAt = engine.now;
    const work = this.#work;
    this.#work = [];
    const done = engine.now + shortestPause + this.#host.takeNumbered('port-toggle', 'revalidators', this.#rounds++);
    const life = this.#life;
    later.at(done, () => {
      if (this.#life === life) for (const act of work) act();
    });
  }

  /** When the latest round began of those that nobody waited for. */
  #lastPassed(): Time {
    const {now} = this.#ground.engine;
    if (now > this.#lastAt) this.#lastAt += Math.floor((now - this.#lastAt) / longestPause) * longestPause;
    return this.#lastAt;
  }
}
