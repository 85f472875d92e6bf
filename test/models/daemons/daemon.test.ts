import test from 'ava';
import fc from 'fast-check';
import {milliseconds} from '../../../engine/time.ts';
import {Daemon} from '../../../models/daemons/daemon.ts';
import {HostProfile} from '../../../models/daemons/host-profile.ts';
import {Host} from '../../../models/daemons/host.ts';
import {announcementLine, makeGround} from '../../support/ground.ts';

const startTime = milliseconds(10);
const tidyTime = milliseconds(40);

/** A daemon that takes 10 ms to start and, if it tidies up, 40 ms to stop; what its program is told becomes a line. */
class Bench {
  readonly ground = makeGround();
  readonly lines: string[] = [];
  readonly daemon: Daemon;
  #state = 'works';

  constructor(tidies: boolean) {
    const profile = new HostProfile('quiet', new Map([['controller-start', [startTime, startTime]]]));
    const note = (line: string, state: string) => {
      this.#state = state;
      this.lines.push(`${this.ground.engine.now / 1000} ${line}`);
    };
    const tidyUp = (done: () => void) => {
      this.lines.push(`${this.ground.engine.now / 1000} tidies up`);
      this.ground.later.at(this.ground.engine.now + tidyTime, done);
    };
    this.daemon = new Daemon(this.ground, new Host(this.ground, 'gw1', profile), 'ovn-controller', 'controller-start', {
      die: () => note('dies', 'is gone'),
      start: () => note('starts', 'works'),
      freeze: () => note('freezes', 'stands still'),
      thaw: () => note('thaws', 'works'),
      ...(tidies ? {tidyUp} : {}),
    });
  }

  /** What the program believes of itself. */
  get state(): string {
    return this.#state;
  }

  at(time: number): this {
    this.ground.engine.advance(milliseconds(time));
    return this;
  }
}

test('a daemon that is killed is gone at once and starts when nothing holds it down any more', t => {
  const b = new Bench(true).at(5);
  b.daemon.kill('fault');
  b.at(20).daemon.release('fault');
  b.at(100);
  t.deepEqual(b.lines, ['5 dies', '30 starts']);
});

test('a daemon that is asked to stop tidies up first', t => {
  const b = new Bench(true).at(5);
  b.daemon.stop('fault');
  t.true(b.daemon.running);
  b.at(100);
  t.deepEqual(b.lines, ['5 tidies up', '45 dies']);
  t.deepEqual(b.ground.journal.entries.map(announcementLine), ['0.045 daemon stopped: gw1 ovn-controller stopped']);
});

test('a daemon that has nothing to tidy up, or stands still, ends at once', t => {
  const plain = new Bench(false).at(5);
  plain.daemon.stop('fault');
  t.deepEqual(plain.lines, ['5 dies']);
  const hung = new Bench(true).at(5);
  hung.daemon.hang('other');
  hung.daemon.stop('fault');
  t.deepEqual(hung.lines, ['5 freezes', '5 dies']);
});

test('a kill cuts the tidying up short', t => {
  const b = new Bench(true).at(5);
  b.daemon.stop('one');
  b.at(20).daemon.kill('two');
  b.at(100);
  t.deepEqual(b.lines, ['5 tidies up', '20 dies']);
});

test('who is asked to stop twice tidies up once', t => {
  const b = new Bench(true).at(5);
  b.daemon.stop('one');
  b.at(20).daemon.stop('two');
  b.at(100);
  t.deepEqual(b.lines, ['5 tidies up', '45 dies']);
});

test('who is to run again while it still tidies up starts when it has', t => {
  const b = new Bench(true).at(5);
  b.daemon.stop('fault');
  b.at(20).daemon.release('fault');
  b.at(100);
  t.deepEqual(b.lines, ['5 tidies up', '45 dies', '55 starts']);
});

test('a kill while it starts has it start anew', t => {
  const b = new Bench(true).at(5);
  b.daemon.kill('one');
  b.at(10).daemon.release('one');
  b.at(15).daemon.kill('two');
  b.at(18).daemon.release('two');
  b.at(100);
  t.deepEqual(b.lines, ['5 dies', '28 starts']);
});

test('a daemon that starts while something makes it stand still stands still', t => {
  const b = new Bench(true).at(5);
  b.daemon.kill('one');
  b.daemon.hang('two');
  b.daemon.release('one');
  b.at(50).daemon.resume('two');
  t.deepEqual(b.lines, ['5 dies', '15 starts', '15 freezes', '50 thaws']);
});

test('what is set going by a stop follows from it', t => {
  const b = new Bench(true).at(5);
  b.daemon.kill('fault', 'chassis crashed');
  const [stopped] = b.ground.journal.entries;
  t.is(announcementLine(stopped), '0.005 daemon stopped: gw1 ovn-controller chassis crashed');
  t.is(b.daemon.cause, stopped.number);
  t.is(b.ground.engine.cause, 0);
});

test('in whatever order it is killed, stopped, hung and let go, it does what follows from who holds it', t => {
  const keys = ['a', 'b', 'c'];
  const act = fc.record({
    what: fc.constantFrom('kill', 'stop', 'release', 'hang', 'resume'),
    key: fc.constantFrom(...keys),
    after: fc.constantFrom(0, 1, 9, 10, 11, 39, 41, 60),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(act, {maxLength: 40}), (tidies, script) => {
      const b = new Bench(tidies);
      const [down, stopped] = [new Set<string>(), new Set<string>()];
      let now = 0;
      for (const {what, key, after} of script) {
        b.at((now += after));
        b.daemon[what as 'kill' | 'stop' | 'release' | 'hang' | 'resume'](key);
        if (what === 'kill' || what === 'stop') down.add(key);
        if (what === 'release') down.delete(key);
        if (what === 'hang') stopped.add(key);
        if (what === 'resume') stopped.delete(key);
        if (what === 'kill') t.false(b.daemon.running);
        t.is(b.daemon.hung, b.daemon.running && stopped.size > 0);
      }
      b.at(now + 1000);
      t.is(b.daemon.running, down.size === 0);
      const expected = down.size > 0 ? 'is gone' : stopped.size > 0 ? 'stands still' : 'works';
      t.is(b.state, expected);
      t.true(isPossible(b.lines.map(line => line.split(' ')[1])), b.lines.join(', '));
    }),
    {numRuns: 300},
  );
});

/** Whether a program can be told this, one after the other. */
function isPossible(words: readonly string[]): boolean {
  const follows: Readonly<Record<string, readonly string[]>> = {
    starts: ['dies', 'freezes', 'tidies'],
    thaws: ['dies', 'freezes', 'tidies'],
    freezes: ['dies', 'thaws'],
    tidies: ['dies', 'freezes', 'thaws'],
    dies: ['starts'],
  };
  return words.every((word, index) => follows[index === 0 ? 'starts' : words[index - 1]].includes(word));
}
