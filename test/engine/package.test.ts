import {
  alarmPlace,
  Chance,
  Deadlines,
  drawWhole,
  Engine,
  Fingerprint,
  HeapAgenda,
  Journal,
  LadderAgenda,
  Ledger,
  milliseconds,
  never,
  seconds,
  Table,
  type Actor,
  type Agenda,
  type Fact,
  type Repeat,
  type Stream,
  type Time,
} from 'faultline/engine';
import test from 'ava';

type Kinds = {readonly 'light switched': {readonly lit: boolean}; readonly ticked: {readonly ticks: number}};

type Room = {readonly engine: Engine; readonly ledger: Ledger; readonly journal: Journal<Kinds>};

/** The smallest repeat, as docs/engine.md has it, written with nothing but the package. */
class Ticker implements Actor, Repeat {
  wakeAt: Time;
  ticks = 0;
  lit = true;
  readonly fact: Fact;
  readonly #room: Room;
  readonly #stream: Stream;
  readonly #number: number;
  #lent: Time = never;

  constructor(room: Room, stream: Stream) {
    this.#room = room;
    this.#stream = stream;
    this.fact = room.ledger.add();
    this.wakeAt = this.#nextPeriod();
    this.#number = room.engine.add(this);
  }

  wake(now: Time): void {
    if (now < this.wakeAt) return;
    this.ticks += 1;
    this.wakeAt = now + this.#nextPeriod();
    if (!this.lit) this.#room.journal.announce('ticked', {ticks: this.ticks});
    else if (this.#room.ledger.skipping) this.#skip();
  }

  settle(): void {
    while (this.#room.engine.reached(alarmPlace(this.#number, this.#lent))) {
      this.ticks += 1;
      this.#lent += this.#nextPeriod();
    }
  }

  resume(): void {
    this.wakeAt = this.#lent;
    this.#room.engine.rearm(this.#number);
  }

  lastAt(): Time {
    return -1;
  }

  nextAt(): Time {
    return never;
  }

  #skip(): void {
    this.#lent = this.wakeAt;
    this.wakeAt = never;
    this.#room.ledger.hold(this, [this.fact], []);
  }

  #nextPeriod(): Time {
    return drawWhole(this.#stream, this.ticks, milliseconds(75), milliseconds(100));
  }
}

function tell(agenda: Agenda, skipping: boolean): string {
  const engine = new Engine(agenda);
  const room: Room = {engine, ledger: new Ledger(skipping), journal: new Journal<Kinds>(engine)};
  const ticker = new Ticker(room, new Chance(7).stream('ticker'));
  for (const lit of [false, true, false]) {
    engine.advance(engine.now + seconds(10));
    ticker.lit = lit;
    room.ledger.changed(ticker.fact, room.journal.announce('light switched', {lit}));
  }
  engine.advance(seconds(31));
  const fingerprint = new Fingerprint();
  for (const entry of room.journal.entries) fingerprint.add(JSON.stringify(entry));
  return `${ticker.ticks} ticks, ${fingerprint.digest()}`;
}

test('the example of the documentation can be written with the package alone', t => {
  const truth = tell(new HeapAgenda(), false);
  t.regex(truth, /^3\d\d ticks/);
  t.is(tell(new LadderAgenda(), true), truth);
});

test('the package offers rows in columns with their deadlines', t => {
  const leases = new Table({address: 'word', heardAt: 'number'});
  const deadlines = new Deadlines();
  const row = leases.add();
  leases.columns.address[row] = 0x0a00_0001;
  deadlines.set(row, seconds(30));
  t.is(deadlines.nextAt, seconds(30));
  t.is(deadlines.takeDue(seconds(30)), row);
});
