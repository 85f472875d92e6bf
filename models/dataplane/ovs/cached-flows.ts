import type {Fact} from '../../../engine/ledger.ts';
import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Passage} from '../passage.ts';

/** Without a packet for so long, a flow of the kernel is deleted (max-idle of Open vSwitch). */
const maxIdle: Time = seconds(10);

/**
 * What the kernel goes on forwarding when ovs-vswitchd does not work: flows that packets have used lately. Nobody deletes
 * them then, and nobody makes new ones. They match where a packet came in, its addresses of layer 2 and its kind.
 */
export class CachedFlows {
  readonly #ground: Ground;
  readonly #facts = new Map<string, Fact>();
  readonly #workingFact: Fact;
  /** Those that were left when the process stopped; undefined while it works. */
  #left: ReadonlySet<string> | undefined;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#workingFact = ground.ledger.add();
  }

  /** Whether ovs-vswitchd works. */
  get working(): boolean {
    return this.#left === undefined;
  }

  /** Whether a packet that comes in `by` a port of the datapath is dealt with. */
  admit(by: string, {source, destination, vlan, payload}: Frame, passage: Passage): boolean {
    passage.rely(this.#workingFact);
    const key = `${by}/${source}/${destination}/${vlan}/${payload.kind}`;
    if (this.#left) return this.#left.has(key);
    let fact = this.#facts.get(key);
    if (fact === undefined) this.#facts.set(key, (fact = this.#ground.ledger.add()));
    passage.keep(fact);
    return true;
  }

  /** The process is dead or stands still. */
  stop(): void {
    if (this.#left) return;
    const {engine, ledger} = this.#ground;
    const since = engine.now - maxIdle;
    const used = [...this.#facts].filter(([, fact]) => ledger.keptSince(fact, since));
    this.#left = new Set(used.map(([key]) => key));
    ledger.changed(this.#workingFact, engine.cause);
  }

  /** It works again. */
  resume(): void {
    if (!this.#left) return;
    this.#left = undefined;
    this.#ground.ledger.changed(this.#workingFact, this.#ground.engine.cause);
  }
}
