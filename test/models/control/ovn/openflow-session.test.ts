import test from 'ava';
import {milliseconds, never, toSeconds, type Time} from '../../../../engine/time.ts';
import {OpenFlowSession} from '../../../../models/control/ovn/openflow-session.ts';
import {HostProfile} from '../../../../models/daemons/host-profile.ts';
import {Host} from '../../../../models/daemons/host.ts';
import {makeOpenFlowChannel} from '../../../../models/tables/openflow-channel.ts';
import {makeGround} from '../../../support/ground.ts';

const step = milliseconds(1);

/** A session that is run whenever it wishes, with a switch that a test turns on and off. Its owner keeps lines. */
class Bench {
  readonly lines: string[] = [];
  readonly channel = makeOpenFlowChannel();
  readonly session: OpenFlowSession;
  readonly #ground = makeGround();
  readonly #actor: number;

  constructor(switchIs: 'gone' | 'there' | 'still' = 'there') {
    this.channel.listening = switchIs !== 'gone';
    this.channel.answering = switchIs === 'there';
    const {engine} = this.#ground;
    const host = new Host(this.#ground, 'gw1', new HostProfile('quiet', new Map([['local-database', [step, step]]])));
    const note = (line: string) => this.lines.push(`${toSeconds(engine.now).toFixed(3)} ${line}`);
    let actor = -1;
    this.session = new OpenFlowSession(this.#ground, host, this.channel, {
      openFlowReady: () => note('ready'),
      openFlowLost: () => note('lost'),
      rearm: () => {
        if (actor >= 0) engine.rearm(actor);
      },
    });
    const {session} = this;
    this.#actor = actor = engine.add({
      get wakeAt(): Time {
        return session.wakeAt;
      },
      wake: now => {
        session.run(now);
      },
    });
  }

  open(): this {
    this.session.open();
    this.#ground.engine.rearm(this.#actor);
    return this;
  }

  /** Lets time pass. */
  until(seconds: number): this {
    this.#ground.engine.advance(milliseconds(1000 * seconds) + 1);
    return this;
  }

  /** The switch dies, starts, stands still or goes on. */
  switchIs(state: 'gone' | 'there' | 'still'): this {
    const {channel} = this;
    const wasListening = channel.listening;
    const wasAnswering = channel.answering;
    channel.listening = state !== 'gone';
    channel.answering = state !== 'still';
    if (channel.listening !== wasListening) channel.onListening?.(channel.listening);
    else if (!wasAnswering && channel.answering) channel.onAnswering?.();
    return this;
  }
}

test('a switch that is there is connected to at once, and takes flows after two exchanges', t => {
  const b = new Bench().open().until(1);
  t.deepEqual(b.lines, ['0.002 ready']);
  t.true(b.session.ready && b.channel.connected);
  t.is(b.session.wakeAt, never);
});

test('nobody listening is tried again after 1, 2, 4, 8, 8, … s', t => {
  const b = new Bench('gone').open().until(30);
  t.is(b.session.wakeAt, milliseconds(31_000));
  t.deepEqual(b.switchIs('there').until(40).lines, ['31.002 ready']);
});

test('a switch that dies is known to be gone at once', t => {
  const b = new Bench().open().until(10).switchIs('gone');
  t.false(b.channel.connected);
  t.deepEqual(b.switchIs('there').until(20).lines, ['0.002 ready', '10.000 lost', '11.002 ready']);
});

test('a switch that dies during the exchanges was never ready and is not lost', t => {
  const b = new Bench().open().until(0.001).switchIs('gone').switchIs('there').until(5);
  t.deepEqual(b.lines, ['1.003 ready']);
});

test('a switch that stands still is connected to when it goes on', t => {
  const b = new Bench('still').open().until(0.7);
  t.false(b.channel.connected);
  t.deepEqual(b.switchIs('there').until(3).lines, ['0.702 ready']);
});

test('it is given up after 1, 1, 2, 4 and 8 s without a hello, with the back-off between', t => {
  const moments: number[] = [];
  const b = new Bench('still').open();
  for (let i = 0; i < 7; i++) {
    moments.push(toSeconds(b.session.wakeAt));
    b.until(toSeconds(b.session.wakeAt));
  }
  t.deepEqual(moments, [0, 1, 2, 3, 5, 7, 11]);
  t.deepEqual(b.lines, []);
});

test('between two attempts a switch that goes on is not noticed', t => {
  const b = new Bench('still').open().until(1.5).switchIs('there').until(5);
  t.deepEqual(b.lines, ['2.002 ready']);
});

test('a switch that stands still during the exchanges is waited for', t => {
  const b = new Bench().open().until(0.001).switchIs('still').until(60);
  t.deepEqual(b.lines, []);
  t.true(b.channel.connected);
  t.deepEqual(b.switchIs('there').until(70).lines, ['60.001 ready']);
});

test('once it takes flows it may stand still as long as it likes', t => {
  const b = new Bench().open().until(1).switchIs('still').until(600).switchIs('there').until(700);
  t.deepEqual(b.lines, ['0.002 ready']);
});

test('a switch that is killed while it stands still is tried again after the back-off', t => {
  const b = new Bench('still').open().until(0.5).switchIs('gone').until(0.7).switchIs('there').until(5);
  t.deepEqual(b.lines, ['1.502 ready']);
});

test('a session that was closed does nothing any more', t => {
  const b = new Bench('still').open().until(0.5);
  b.session.close();
  t.deepEqual(b.switchIs('there').until(5).lines, []);
  t.is(b.session.wakeAt, never);
});
