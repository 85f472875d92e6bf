import test from 'ava';
import {Ledger, type Repeat} from '../../engine/ledger.ts';
import {never} from '../../engine/time.ts';

/** A repeat that writes down what it is asked for, and does what it was given to do. */
class Written implements Repeat {
  readonly #name: string;
  readonly #lines: string[];
  readonly #last: readonly number[];
  readonly #next: readonly number[];
  readonly #onResume: () => void;
  readonly #onSettle: () => void;

  constructor(
    name: string,
    lines: string[],
    {last = [], next = [], onResume = () => undefined, onSettle = () => undefined}: WrittenOptions = {},
  ) {
    this.#name = name;
    this.#lines = lines;
    this.#last = last;
    this.#next = next;
    this.#onResume = onResume;
    this.#onSettle = onSettle;
  }

  settle(): void {
    this.#lines.push(`${this.#name} settles`);
    this.#onSettle();
  }

  resume(): void {
    this.#lines.push(`${this.#name} resumes`);
    this.#onResume();
  }

  lastAt(leg: number): number {
    if (leg < 0) throw new Error(`there is no leg ${leg}`);
    return this.#last[leg] ?? -1;
  }

  nextAt(leg: number): number {
    return this.#next[leg] ?? never;
  }
}

type WrittenOptions = {
  last?: readonly number[];
  next?: readonly number[];
  onResume?: () => void;
  onSettle?: () => void;
};

function makeLedger() {
  const lines: string[] = [];
  return {ledger: new Ledger(true), lines};
}

test('a ledger says whether to skip', t => {
  t.true(new Ledger(true).skipping);
  t.false(new Ledger(false).skipping);
});

test('a repeat is held until a fact that it relies on changes', t => {
  const {ledger, lines} = makeLedger();
  const port = ledger.add();
  const path = ledger.add();
  const other = ledger.add();
  ledger.hold(new Written('flow', lines), [port, path], []);
  t.is(ledger.held, 1);
  ledger.changed(other, 1);
  t.deepEqual(lines, []);
  ledger.changed(path, 2);
  t.deepEqual(lines, ['flow settles', 'flow resumes']);
  t.is(ledger.held, 0);
  ledger.changed(port, 3);
  t.is(lines.length, 2);
});

test('a fact knows the announcement of its last change, whether anyone relies on it or not', t => {
  const {ledger, lines} = makeLedger();
  const quiet = ledger.add();
  const fact = ledger.add();
  t.is(ledger.causeOf(fact), 0);
  ledger.hold(new Written('flow', lines, {onResume: () => t.is(ledger.causeOf(fact), 8)}), [fact], []);
  ledger.changed(fact, 8);
  ledger.changed(quiet, 9);
  t.deepEqual([ledger.causeOf(fact), ledger.causeOf(quiet)], [8, 9]);
  ledger.changed(fact, 10);
  t.is(ledger.causeOf(fact), 10);
});

test('a repeat that relies on one fact by two legs resumes once', t => {
  const {ledger, lines} = makeLedger();
  const fact = ledger.add();
  ledger.hold(new Written('flow', lines), [fact, fact], [{fact, leg: 0}]);
  ledger.changed(fact, 1);
  t.deepEqual(lines, ['flow settles', 'flow resumes']);
});

test('a fact that a repeat only keeps alive may change without ending it', t => {
  const {ledger, lines} = makeLedger();
  const relied = ledger.add();
  const kept = ledger.add();
  ledger.hold(new Written('flow', lines, {last: [40]}), [relied], [{fact: kept, leg: 0}]);
  ledger.changed(kept, 1);
  t.deepEqual(lines, []);
  t.is(ledger.keptAt(kept), 40);
});

test('repeats resume in order of their number, each settled before', t => {
  const {ledger, lines} = makeLedger();
  const fact = ledger.add();
  const others = ledger.add();
  const numbers = ['a', 'b', 'c'].map(name => ledger.hold(new Written(name, lines), [fact], []));
  ledger.hold(new Written('other', lines), [others], []);
  ledger.release(numbers[0]);
  lines.length = 0;
  t.is(ledger.hold(new Written('d', lines), [fact], []), numbers[0]);
  ledger.changed(fact, 1);
  t.deepEqual(lines, ['d settles', 'd resumes', 'b settles', 'b resumes', 'c settles', 'c resumes']);
});

test('release settles without resuming, and does nothing twice', t => {
  const {ledger, lines} = makeLedger();
  const fact = ledger.add();
  const repeat = new Written('flow', lines);
  const number = ledger.hold(repeat, [fact], []);
  t.is(ledger.release(number), repeat);
  t.deepEqual(lines, ['flow settles']);
  t.is(ledger.release(number), undefined);
  ledger.changed(fact, 1);
  t.is(lines.length, 1);
  t.is(ledger.held, 0);
});

test('settle settles everything held and goes on holding it', t => {
  const {ledger, lines} = makeLedger();
  const fact = ledger.add();
  for (const name of ['a', 'b', 'c']) ledger.hold(new Written(name, lines), [fact], []);
  ledger.release(1);
  lines.length = 0;
  ledger.settle();
  t.deepEqual(lines, ['a settles', 'c settles']);
  t.is(ledger.held, 2);
});

test('a fact was last kept by whatever came last, run or skipped', t => {
  const {ledger, lines} = makeLedger();
  const entry = ledger.add();
  const port = ledger.add();
  t.is(ledger.keptAt(entry), -1);
  ledger.keep(entry, 30);
  ledger.keep(entry, 20);
  t.is(ledger.keptAt(entry), 30);
  const first = ledger.hold(new Written('a', lines, {last: [25, 70]}), [port], [{fact: entry, leg: 1}]);
  ledger.hold(new Written('b', lines, {last: [50]}), [port], [{fact: entry, leg: 0}]);
  ledger.hold(new Written('not yet', lines), [port], [{fact: entry, leg: 0}]);
  t.is(ledger.keptAt(entry), 70);
  t.is(ledger.keptAt(port), -1);
  ledger.release(first);
  t.is(ledger.keptAt(entry), 70);
  ledger.changed(port, 1);
  t.is(ledger.keptAt(entry), 70);
  t.is(ledger.keptAt(port), -1);
  t.is(ledger.held, 0);
});

test('whether a fact was kept since some moment follows from when it last was', t => {
  for (const run of [-1, 30, 55, 90]) {
    for (const since of [-5, -1, 0, 29, 30, 31, 49, 50, 51, 69, 70, 71, 89, 90, 91]) {
      const {ledger, lines} = makeLedger();
      const [entry, port] = [ledger.add(), ledger.add()];
      if (run >= 0) ledger.keep(entry, run);
      ledger.hold(new Written('a', lines, {last: [25, 70]}), [port, entry], [{fact: entry, leg: 1}]);
      ledger.hold(new Written('b', lines, {last: [50]}), [port], [{fact: entry, leg: 0}]);
      ledger.hold(new Written('not yet', lines), [port], [{fact: entry, leg: 0}]);
      for (const fact of [entry, port]) {
        const expected = ledger.keptAt(fact) > since;
        t.is(ledger.keptSince(fact, since), expected);
        t.is(ledger.keptSince(fact, since), expected);
      }
      t.is(ledger.keptAt(entry), Math.max(run, 70));
    }
  }
});

test('who asks whether a fact was kept since some moment asks only until one did, and remembers it', t => {
  const {ledger} = makeLedger();
  const entry = ledger.add();
  let asked = 0;
  const repeat = {
    settle: () => undefined,
    resume: () => undefined,
    lastAt: () => {
      asked += 1;
      return 50;
    },
    nextAt: () => never,
  };
  for (let i = 0; i < 1_000; i++) ledger.hold(repeat, [], [{fact: entry, leg: 0}]);
  for (let i = 0; i < 1_000; i++) t.true(ledger.keptSince(entry, 49));
  t.is(asked, 1);
});

test('who awaits that a fact is kept is told of the earliest time, and repeats that only rely on it go on', t => {
  const {ledger, lines} = makeLedger();
  const [entry, port] = [ledger.add(), ledger.add()];
  t.is(ledger.awaitKeep(entry, 50), never);
  const kept = [
    {fact: entry, leg: 0},
    {fact: entry, leg: 1},
  ];
  ledger.hold(new Written('a', lines, {next: [80, 75]}), [port, entry], kept);
  ledger.hold(new Written('b', lines, {next: [60]}), [port], [{fact: port, leg: 0}]);
  ledger.hold(new Written('c', lines, {next: [77]}), [entry], [{fact: entry, leg: 0}]);
  ledger.hold(new Written('note', lines), [port, entry], []);
  t.is(ledger.awaitKeep(entry, 50), 75);
  t.deepEqual(lines, ['note settles', 'note resumes']);
  t.is(ledger.held, 3);
});

test('a leg that keeps two facts alive keeps both, another leg its own', t => {
  const {ledger, lines} = makeLedger();
  const [there, back, both] = [ledger.add(), ledger.add(), ledger.add()];
  const kept = [
    {fact: there, leg: 0},
    {fact: both, leg: 0},
    {fact: back, leg: 1},
    {fact: both, leg: 1},
  ];
  const number = ledger.hold(new Written('flow', lines, {last: [10, 12]}), [], kept);
  const expected = [10, 12, 12];
  t.deepEqual(
    [there, back, both].map(fact => ledger.keptAt(fact)),
    expected,
  );
  ledger.release(number);
  t.deepEqual(
    [there, back, both].map(fact => ledger.keptAt(fact)),
    expected,
  );
});

test('a repeat that resumes may be held again at once', t => {
  const {ledger, lines} = makeLedger();
  const fact = ledger.add();
  const again: Written = new Written('again', lines, {onResume: () => void ledger.hold(again, [fact], [])});
  ledger.hold(again, [fact], []);
  ledger.hold(new Written('other', lines), [fact], []);
  ledger.changed(fact, 1);
  t.deepEqual(lines, ['again settles', 'again resumes', 'other settles', 'other resumes']);
  t.is(ledger.held, 1);
});

test('a resume may change facts: whoever relied on both goes on once, whoever came instead stays', t => {
  const {ledger, lines} = makeLedger();
  const port = ledger.add();
  const path = ledger.add();
  const onResume = (): void => {
    ledger.changed(path, 2);
    ledger.hold(new Written('newcomer', lines), [path], []);
  };
  ledger.hold(new Written('a', lines, {onResume}), [port], []);
  ledger.hold(new Written('b', lines), [port, path], []);
  ledger.hold(new Written('c', lines), [path], []);
  ledger.changed(port, 1);
  const order = ['a', 'b', 'c'].flatMap(name => [`${name} settles`, `${name} resumes`]);
  t.deepEqual(lines, order);
  t.is(ledger.held, 1);
});

test('the number of a repeat that is gone is not mistaken for that of one which took it', t => {
  const {ledger, lines} = makeLedger();
  const port = ledger.add();
  const path = ledger.add();
  const onResume = (): void => {
    ledger.release(second);
    ledger.hold(new Written('taken by one', lines), [path], []);
  };
  ledger.hold(new Written('a', lines, {onResume}), [port], []);
  const second = ledger.hold(new Written('b', lines), [port], []);
  ledger.changed(port, 1);
  t.deepEqual(lines, ['a settles', 'a resumes', 'b settles']);
  t.is(ledger.held, 1);
});

test('a repeat that changes a fact while it settles is not settled again', t => {
  const {ledger, lines} = makeLedger();
  const port = ledger.add();
  const entry = ledger.add();
  const onSettle = (): void => {
    t.is(ledger.keptAt(entry), 5);
    ledger.changed(port, 2);
  };
  ledger.hold(new Written('a', lines, {last: [5], onSettle}), [port], [{fact: entry, leg: 0}]);
  ledger.changed(port, 1);
  t.deepEqual(lines, ['a settles', 'a resumes']);
});

test('thousands of repeats and facts find each other, in any order of holding and releasing', t => {
  const ledger = new Ledger(true);
  const facts = Array.from({length: 100}, () => ledger.add());
  const resumed: number[] = [];
  const held = new Map<number, {id: number; relies: readonly number[]}>();
  const relying = (fact: number): number[] =>
    [...held]
      .sort((a, b) => a[0] - b[0])
      .filter(([, {relies}]) => relies.includes(fact))
      .map(([, {id}]) => id);
  for (let id = 0; id < 5_000; id++) {
    const relies = [facts[(id * 7) % 100], facts[(id * 13 + 5) % 100], facts[(id * 31 + 2) % 100]];
    const repeat = {
      settle: () => undefined,
      resume: () => void resumed.push(id),
      lastAt: () => -1,
      nextAt: () => never,
    };
    const kept = [{fact: facts[id % 100], leg: 0}];
    const number = ledger.hold(repeat, relies, kept);
    t.false(held.has(number));
    held.set(number, {id, relies});
    if (id % 3 === 0) {
      const victim = [...held.keys()][(id * 17) % held.size];
      t.truthy(ledger.release(victim));
      held.delete(victim);
    }
    if (id % 50 === 0) {
      const fact = facts[(id / 50) % 100];
      const expected = relying(fact);
      ledger.changed(fact, id);
      t.deepEqual(resumed.splice(0), expected);
      for (const [key, {relies}] of held) if (relies.includes(fact)) held.delete(key);
    }
    t.is(ledger.held, held.size);
  }
});
