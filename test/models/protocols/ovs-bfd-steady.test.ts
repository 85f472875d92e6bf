import test from 'ava';
import fc from 'fast-check';
import {draw} from '../../../engine/chance.ts';
import {milliseconds, seconds, type Time} from '../../../engine/time.ts';
import {ovsBfdDefaults} from '../../../models/protocols/ovs-bfd.ts';
import type {BfdControl} from '../../../models/wire/bfd.ts';
import {BfdBench, bfdPacket, ourDiscriminator, peerDiscriminator} from '../../support/bfd-bench.ts';

// A steady session may be counted instead of run.

/** A session that has long been up: it spoke at `sentAt` and heard at `heardAt`. */
function settled(sentAt: Time, heardAt: Time, options: ConstructorParameters<typeof BfdBench>[0] = {}): BfdBench {
  const b = new BfdBench(options);
  b.session.settle(ovsBfdDefaults, peerDiscriminator, heardAt, sentAt);
  return b;
}

test('a settled session goes on as if it had been up for long', t => {
  const b = settled(-milliseconds(300), -milliseconds(100));
  t.deepEqual([b.session.state, b.session.forwarding, b.session.steady], ['up', true, true]);
  t.is(b.session.sendAt, milliseconds(700));
  t.is(b.session.detectAt, milliseconds(2900));
  t.true(b.session.expects(bfdPacket()));
  t.deepEqual(b.until(seconds(1)).lines, ['0.700 sends up 100/1000 to the peer']);
});

test('a settled session goes down when nothing comes', t => {
  t.deepEqual(settled(0, -milliseconds(100)).until(seconds(3)).changes, [
    {at: milliseconds(2900), from: 'up', to: 'down'},
  ]);
});

const unexpected: Readonly<Record<string, Partial<BfdControl>>> = {
  'that is down': {state: 'down'},
  'that is init': {state: 'init'},
  'that asks for an answer': {poll: true},
  'that answers': {final: true},
  'of a peer that has started anew': {myDiscriminator: peerDiscriminator + 1},
  'for another session': {yourDiscriminator: ourDiscriminator + 1},
  'with a diagnostic': {diagnostic: 'path-down'},
  'with another multiplier': {detectMult: 4},
  'with another min_rx': {requiredMinRx: milliseconds(1001)},
  'with another min_tx': {desiredMinTx: milliseconds(101)},
};

for (const [what, changes] of Object.entries(unexpected)) {
  test(`a packet ${what} is not expected`, t => {
    t.false(settled(0, 0).session.expects(bfdPacket(changes)));
  });
}

test('a session is not steady while it is not up, polls, answers or watches its traffic', t => {
  t.false(new BfdBench().session.steady);
  t.false(new BfdBench().hear({state: 'down'}).session.steady);
  t.false(settled(0, 0).configure({minTx: 200}).session.steady);
  t.false(settled(0, 0).hear({poll: true}).session.steady);
  t.false(settled(0, 0, {settings: {decayMinRx: 3000}}).session.steady);
  t.true(settled(0, 0, {settings: {decayMinRx: 500}}).session.steady);
});

test('a session whose poll was answered but whose timers were changed meanwhile is not steady', t => {
  const b = settled(0, 0).configure({minTx: 2000}).pass(milliseconds(100)).configure({minTx: 3000}).hear({final: true});
  t.false(b.session.steady);
});

/** A steady run: the host's phase, the timers, the jitter's stream, and when packets of the peer come in. */
const steadyRuns = fc.record({
  phase: fc.nat(99_999),
  minTx: fc.constantFrom(100, 700, 1000, 1700),
  mult: fc.constantFrom(1, 3),
  stream: fc.nat(),
  gaps: fc.array(fc.integer({min: 1, max: 2_900_000}), {minLength: 1, maxLength: 30}),
  silence: fc.integer({min: 0, max: 5_000_000}),
});

test('counting what is sent and received comes to the same as sending and receiving it', t => {
  fc.assert(
    fc.property(steadyRuns, ({phase, minTx, mult, stream, gaps, silence}) => {
      const run = () => {
        let draws = 0;
        const jitter = () => draw(stream, draws++);
        return settled(-milliseconds(5), -milliseconds(3), {phase, jitter, settings: {minTx, mult}});
      };
      const [stepped, counted] = [run(), run()];
      let at = 0;
      for (const gap of gaps) {
        at += gap;
        stepped.until(at - 1);
        for (let {sendAt} = counted.session; sendAt < at; {sendAt} = counted.session) counted.session.countSent(sendAt);
        counted.session.countReceived(at);
        stepped.stand(at).hear();
        t.is(counted.session.sendAt, stepped.session.sendAt);
        t.is(counted.session.detectAt, stepped.session.detectAt);
      }
      counted.stand(at);
      for (const b of [stepped, counted]) b.clear().pass(silence).hear({state: 'down'}).pass(seconds(5));
      t.deepEqual(counted.lines, stepped.lines);
      t.deepEqual(counted.sent, stepped.sent);
    }),
    {numRuns: 200},
  );
});
