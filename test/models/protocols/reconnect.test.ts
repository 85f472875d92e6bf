import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds, toSeconds, type Time} from '../../../engine/time.ts';
import {Reconnect, reconnectDefaults, type ReconnectSettings} from '../../../models/protocols/reconnect.ts';

/** What the other side does with attempts. */
type Side = 'accepts' | 'refuses' | 'is silent';

/** A connection's keeper, its clock and the other side. Everything that it asks for becomes a line. */
class Bench {
  readonly lines: string[] = [];
  readonly reconnect: Reconnect;
  side: Side = 'accepts';
  answersProbes = true;
  #now: Time = 0;

  constructor(settings: Partial<ReconnectSettings> = {}) {
    this.reconnect = new Reconnect({...reconnectDefaults, ...settings}, 0);
  }

  until(time: Time): this {
    while (this.reconnect.wakeAt <= time) {
      this.#now = this.reconnect.wakeAt;
      const action = this.reconnect.wake(this.#now);
      if (action) this.#note(action);
      if (action === 'connect') this.#attempt();
      if (action === 'probe' && this.answersProbes) this.reconnect.activity(this.#now);
    }
    this.#now = time;
    return this;
  }

  hear(): this {
    this.reconnect.activity(this.#now);
    return this;
  }

  lose(): this {
    this.reconnect.disconnected(this.#now);
    return this;
  }

  clear(): this {
    this.lines.length = 0;
    return this;
  }

  #attempt(): void {
    if (this.side === 'accepts') this.reconnect.hasConnected(this.#now);
    if (this.side === 'refuses') this.reconnect.disconnected(this.#now);
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#now)} ${line}`);
  }
}

/** Connected since long ago, lost at 100 s, when the other side begins to do something else. */
function lost(side: Side, settings: Partial<ReconnectSettings> = {}): Bench {
  const b = new Bench(settings).until(seconds(100)).hear().clear();
  b.side = side;
  return b.lose();
}

test('the first attempt is made at once', t => {
  t.deepEqual(new Bench({probeInterval: 0}).until(seconds(60)).lines, ['0 connect']);
});

test('refused, it tries 1, 3, 7, 15 and 23 s after the loss and every 8 s from then on', t => {
  t.deepEqual(lost('refuses').until(seconds(132)).lines, [
    '101 connect',
    '103 connect',
    '107 connect',
    '115 connect',
    '123 connect',
    '131 connect',
  ]);
});

test('unanswered, it gives up as long after each attempt as it waited for it: 1, 4, 10, 22 and 38 s', t => {
  t.deepEqual(lost('is silent').until(seconds(147)).lines, [
    '101 connect',
    '102 give up',
    '104 connect',
    '106 give up',
    '110 connect',
    '114 give up',
    '122 connect',
    '130 give up',
    '138 connect',
    '146 give up',
  ]);
});

test('the very first attempt is given a second', t => {
  const b = new Bench();
  b.side = 'is silent';
  t.deepEqual(b.until(seconds(5)).lines, ['0 connect', '1 give up', '2 connect', '3 give up', '5 connect']);
});

test('after a connection that lasted it begins with a second again', t => {
  const b = lost('refuses').until(seconds(120));
  b.side = 'accepts';
  b.until(seconds(123)).until(seconds(140)).hear().clear().lose();
  t.deepEqual(b.until(seconds(142)).lines, ['141 connect']);
});

test('after a connection that broke sooner than it had been waited for it waits longer', t => {
  const b = lost('refuses').until(seconds(107));
  b.side = 'accepts';
  b.until(seconds(115)).until(seconds(116)).hear().clear().lose();
  t.deepEqual(b.until(seconds(130)).lines, ['124 connect', '129 probe']);
});

for (const [lasted, next] of [
  [7.999, 133],
  [8, 126],
] as const) {
  test(`waited for 8 s, a connection that was last heard ${lasted} s after it began is followed by one at ${next}`, t => {
    const b = lost('refuses', {probeInterval: 0}).until(seconds(107));
    b.side = 'accepts';
    b.until(seconds(115 + lasted))
      .hear()
      .clear()
      .until(seconds(125))
      .lose();
    t.deepEqual(b.until(seconds(140)).lines, [`${next} connect`]);
  });
}

test('nothing heard for the probe interval, it probes; nothing for another, it gives up', t => {
  const b = new Bench();
  b.answersProbes = false;
  t.deepEqual(b.until(seconds(12)).lines, ['0 connect', '5 probe', '10 give up', '11 connect']);
});

test('an answered probe is followed by another one an interval later', t => {
  t.deepEqual(new Bench().until(seconds(16)).lines, ['0 connect', '5 probe', '10 probe', '15 probe']);
});

test('a word puts the probe off', t => {
  const b = new Bench().until(seconds(4)).hear().until(seconds(8)).hear();
  t.deepEqual(b.until(seconds(13)).lines, ['0 connect', '13 probe']);
});

test('a word that comes late makes an idle connection active again', t => {
  const b = new Bench();
  b.answersProbes = false;
  b.until(milliseconds(9_999)).hear().clear();
  t.deepEqual(b.until(seconds(20)).lines, ['14.999 probe', '19.999 give up']);
});

test('without a probe interval silence is borne for ever', t => {
  const b = new Bench({probeInterval: 0}).until(seconds(1));
  t.is(b.reconnect.wakeAt, never);
  t.true(b.reconnect.connected);
});

test('a loss that is told twice counts once', t => {
  const b = lost('refuses').lose().lose();
  t.deepEqual(b.until(seconds(103)).lines, ['101 connect', '103 connect']);
});

test('waking it early does nothing', t => {
  const b = lost('refuses');
  t.is(b.reconnect.wake(seconds(101) - 1), undefined);
  t.is(b.reconnect.wakeAt, seconds(101));
});

test('whatever happens, attempts are a second apart at least and follow one another within 16 s', t => {
  const sides = fc.constantFrom<Side>('accepts', 'refuses', 'is silent');
  const steps = fc.array(fc.record({side: sides, pass: fc.nat(20_000_000), loses: fc.boolean()}), {maxLength: 30});
  fc.assert(
    fc.property(steps, script => {
      const b = new Bench();
      let at = 0;
      for (const {side, pass, loses} of script) {
        b.side = side;
        b.until((at += pass));
        if (loses) b.lose();
      }
      b.side = 'refuses';
      b.lose()
        .clear()
        .until(at + seconds(40));
      const attempts = b.lines.filter(line => line.endsWith('connect')).map(line => Number(line.split(' ')[0]));
      const gaps = attempts.map((time, index) => time - (attempts[index - 1] ?? at / 1e6));
      t.true(attempts.length >= 3);
      t.true(gaps.slice(1).every(gap => gap >= 1 && gap <= 16));
      t.true(gaps[0] <= 16);
    }),
  );
});
