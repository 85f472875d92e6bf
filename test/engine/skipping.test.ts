import test from 'ava';
import type {Agenda, Appointment} from '../../engine/agenda.ts';
import {Chance} from '../../engine/chance.ts';
import {Engine} from '../../engine/engine.ts';
import {HeapAgenda} from '../../engine/heap-agenda.ts';
import {Journal} from '../../engine/journal.ts';
import {LadderAgenda} from '../../engine/ladder-agenda.ts';
import {Ledger} from '../../engine/ledger.ts';
import {Beacon, Listener} from './beacon.ts';
import {Ticker, type Lamp} from './ticker.ts';
import {Doer, type Toys, type ToyWorld} from './toys.ts';

type Way = {
  readonly skipping: boolean;
  readonly agenda: Agenda;
  /** So many appointments at a time. */
  readonly budget?: number;
};

const stepped = (): Way => ({skipping: false, agenda: new HeapAgenda()});
const skipped = (): Way => ({skipping: true, agenda: new HeapAgenda()});
const skippedOnLadder = (): Way => ({skipping: true, agenda: new LadderAgenda()});

const seeds = 400;

test(`stepped and skipped runs are the same, over ${seeds} seeds of restless toys`, t => {
  for (let seed = 1; seed <= seeds; seed++) {
    const truth = tell(seed, stepped());
    t.true(truth.length > 1_000, `seed ${seed} tells a dull story`);
    t.is(tell(seed, skipped()), truth, `seed ${seed}`);
    t.is(tell(seed, skippedOnLadder()), truth, `seed ${seed}, ladder`);
    t.is(tell(seed, {...skippedOnLadder(), budget: 1 + (seed % 7)}), truth, `seed ${seed}, in small slices`);
  }
});

test('a quiet world is skipped nearly whole', t => {
  const quiet = (skipping: boolean) => {
    const agenda = new CountingAgenda();
    const world = makeWorld({skipping, agenda});
    const lamp = {lit: true, fact: world.ledger.add()};
    const chance = new Chance('quiet');
    const ticker = new Ticker(world, lamp, world.ledger.add(), chance.stream('ticker'), [75, 100]);
    const listener = new Listener(world, 300);
    const beacon = new Beacon(world, lamp, listener, 5, chance.stream('beacon'), [75, 100]);
    world.engine.advance(100_000);
    world.ledger.settle();
    return {added: agenda.added, counted: [ticker.ticks, beacon.sent, listener.heard], entries: world.journal.entries};
  };
  const run = quiet(false);
  const jump = quiet(true);
  t.deepEqual(jump.counted, run.counted);
  t.deepEqual(jump.entries, run.entries);
  t.true(run.added > 3_000, `${run.added}`);
  t.true(jump.added < 500, `${jump.added}`);
});

/**
 * A few tickers and beacons under lamps that are switched at random, thickly enough that everything keeps falling on the
 * same instant, from within the run and from outside between its slices.
 */
function tell(seed: number, way: Way): string {
  const world = makeWorld(way);
  const {engine, ledger, journal} = world;
  const chance = new Chance(seed);
  const random = chance.sequence('story');
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const pick = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)];

  const lamps: Lamp[] = Array.from({length: 3}, () => ({lit: random() < 0.8, fact: ledger.add()}));
  const attention = ledger.add();
  const doers: {readonly number: number}[] = [];
  const listeners: Listener[] = [];
  const tickers: Ticker[] = [];
  const beacons: Beacon[] = [];
  const period = (): [number, number] => {
    const least = whole(1, 6);
    return [least, least + whole(0, 5)];
  };
  const makers = [
    () => doers.push({number: engine.add(new Doer())}),
    () => listeners.push(new Listener(world, whole(5, 30))),
    () => tickers.push(new Ticker(world, pick(lamps), attention, chance.stream(`ticker ${tickers.length}`), period())),
    () => {
      if (listeners.length === 0) return;
      const stream = chance.stream(`beacon ${beacons.length}`);
      beacons.push(new Beacon(world, pick(lamps), pick(listeners), whole(1, 9), stream, period()));
    },
  ];
  for (const make of makers) make();
  for (let i = 0; i < 10; i++) pick(makers)();
  const facts = [attention, ...listeners.map(listener => listener.beats)];

  const look = (): void => {
    ledger.settle();
    const seen = [
      ...tickers.map(ticker => ticker.ticks),
      ...beacons.map(beacon => beacon.sent),
      ...listeners.map(listener => listener.heard),
      ...facts.map(fact => Number(ledger.keptSince(fact, engine.now - 7))),
      ...facts.map(fact => ledger.keptAt(fact)),
    ];
    journal.announce('looked', {at: engine.now, seen});
  };
  const change = (): void => {
    const lamp = pick(lamps);
    lamp.lit = !lamp.lit;
    const announcement = journal.announce('switched', {lamp: lamps.indexOf(lamp), lit: lamp.lit});
    engine.cause = announcement;
    ledger.changed(lamp.fact, announcement);
  };
  let deeds = 0;
  const post = (at: number): void => {
    const sender = pick(doers).number;
    engine.post(at, pick(doers).number, sender, deeds++, () => {
      if (random() < 0.6) change();
      else look();
      while (random() < 0.4) post(engine.now);
    });
  };

  for (let i = 0; i < 40; i++) post(whole(0, 400));
  while (engine.now < 400) {
    if (random() < 0.3) change();
    if (random() < 0.3) look();
    engine.cause = 0;
    const until = engine.now + whole(0, 60);
    while (!engine.advance(until, way.budget)) ledger.settle();
  }
  look();
  return journal.entries.map(entry => JSON.stringify(entry)).join('\n');
}

function makeWorld({skipping, agenda}: Way): ToyWorld {
  const engine = new Engine(agenda);
  return {engine, ledger: new Ledger(skipping), journal: new Journal<Toys>(engine)};
}

/** Counts what is asked for. */
class CountingAgenda implements Agenda {
  added = 0;
  readonly #agenda = new LadderAgenda();

  get size(): number {
    return this.#agenda.size;
  }

  get nextAt(): number {
    return this.#agenda.nextAt;
  }

  add(appointment: Appointment): void {
    this.added += 1;
    this.#agenda.add(appointment);
  }

  pop(): Appointment | undefined {
    return this.#agenda.pop();
  }
}
