import type {Fact} from '../../engine/ledger.ts';
import {milliseconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {MacTable} from '../protocols/mac-table.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {Frame} from '../wire/frame.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {applyRules, type Nic, type Rule} from './nic.ts';
import {delivered, dropped, type Passage, type Verdict} from './passage.ts';

export type SegmentSettings = {
  readonly name: string;
  readonly latency: Time;
  readonly jitter: Time;
  readonly loss: number;
  readonly ageing: Time;
};

/** A physical layer 2 network: one switch that learns MACs, and a link to each network card. */
export class Segment {
  readonly name: string;
  readonly #ground: Ground;
  readonly #settings: SegmentSettings;
  readonly #ports: Nic[] = [];
  readonly #numbers = new Map<Nic, number>();
  readonly #macs: MacTable;
  readonly #macFacts: KeyedFacts;
  readonly #fact: Fact;
  readonly #rules = new Map<string, Rule>();
  readonly #actor: number;

  constructor(ground: Ground, settings: SegmentSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.name = settings.name;
    this.#macFacts = new KeyedFacts(ground.ledger);
    this.#fact = ground.ledger.add();
    this.#macs = new MacTable(
      {
        ageingTime: settings.ageing,
        phase: Math.floor(ground.chance.sequence(`segment/${settings.name}`)() * phaseSpan),
      },
      {
        lastSeenAt: mac => ground.ledger.keptAt(this.#macFacts.of(mac)),
        removed: mac => {
          this.#macFacts.changed(mac, ground.engine.cause);
        },
      },
      ground.engine.now,
    );
    this.#actor = ground.engine.add(this.#macs);
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
    if (!up) this.#macs.flush(this.#portOf(nic));
  }

  /** Carries a frame from a network card to where it belongs. */
  carry(frame: Frame, from: Nic, passage: Passage): Verdict {
    const {latency, jitter, loss} = this.#settings;
    passage.rely(this.#fact);
    if (loss > 0 && passage.draw(`${this.name}/loss`) < loss) return dropped('random loss', this.name);
    const late = jitter > 0 ? Math.floor(passage.draw(`${this.name}/jitter`) * (jitter + 1)) : 0;
    return applyRules(this.#rules.values(), 'in', this.name, frame, passage, () => {
      const goOn = () => this.#switch(frame, from, passage);
      if (latency + late >= milliseconds(1)) return passage.wait(latency + late, this.name, goOn);
      passage.latency += latency + late;
      return goOn();
    });
  }

  #switch(frame: Frame, from: Nic, passage: Passage): Verdict {
    this.#learn(frame.source, from, passage);
    if (isGroupMac(frame.destination)) return this.#flood(frame, from, passage);
    passage.rely(this.#macFacts.of(frame.destination));
    const port = this.#macs.lookup(frame.destination);
    if (port === undefined) return this.#flood(frame, from, passage);
    const to = this.#ports[port];
    if (to === from) return dropped('not addressed to this host', this.name);
    passage.count(this.#ground.counters.of(this.name, 'frames switched'));
    return to.arrive(frame, passage);
  }

  #learn(mac: Mac, from: Nic, passage: Passage): void {
    const {engine, journal} = this.#ground;
    const fact = this.#macFacts.of(mac);
    passage.rely(fact);
    passage.keep(fact);
    const before = this.#macs.lookup(mac);
    const lesson = this.#macs.learn(mac, this.#portOf(from), engine.now);
    if (lesson === 'unchanged' || lesson === 'nothing') return;
    engine.rearm(this.#actor);
    passage.once();
    passage.because(() => {
      const was = before === undefined ? undefined : this.#ports[before].host;
      const detail = {segment: this.name, mac, from: was, to: from.host};
      const cause = lesson === 'moved' ? journal.announce('mac moved', detail) : engine.cause;
      this.#macFacts.changed(mac, cause);
    });
  }

  /** A copy to every other port: for broadcasts, and for addresses that the switch does not know. */
  #flood(frame: Frame, from: Nic, passage: Passage): Verdict {
    passage.once();
    const {latency, cause} = passage;
    const verdicts = this.#ports
      .filter(nic => nic !== from && nic.carrier)
      .map(nic => {
        passage.latency = latency;
        passage.cause = cause;
        passage.count(this.#ground.counters.of(this.name, 'flood copies'));
        return nic.arrive(frame, passage);
      });
    return ofFlood(verdicts, this.name);
  }

  #portOf(nic: Nic): number {
    const port = this.#numbers.get(nic);
    if (port === undefined) throw new Error(`${nic.place} is not plugged into ${this.name}`);
    return port;
  }
}

/** What became of a flooded frame: delivered if a copy was, else still on its way, else why the most telling copy was dropped. */
export function ofFlood(verdicts: readonly Verdict[], place: string): Verdict {
  const telling = (kind: Verdict['kind']): Verdict | undefined => verdicts.find(verdict => verdict.kind === kind);
  return (
    (telling('delivered') && delivered) ??
    telling('waiting') ??
    verdicts.find(verdict => verdict.kind === 'dropped' && verdict.reason !== 'not addressed to this host') ??
    dropped('flooded in vain', place)
  );
}
