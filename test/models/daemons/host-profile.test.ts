import test from 'ava';
import {Chance} from '../../../engine/chance.ts';
import {milliseconds} from '../../../engine/time.ts';
import {HostProfile, hostSteps, type Step} from '../../../models/daemons/host-profile.ts';
import {Host} from '../../../models/daemons/host.ts';
import {makeGround} from '../../support/ground.ts';

const steps = hostSteps as readonly Step[];
const many = 4000;

/** Draws of a step, sorted. */
function draws(profile: HostProfile, step: Step): readonly number[] {
  const stream = new Chance(1).stream(step);
  return Array.from({length: many}, (_, count) => profile.take(step, stream, count)).sort((a, b) => a - b);
}

// A few rows of the table, in milliseconds: least, quarter, middle, three quarters, nine tenths, most.
const rows: readonly (readonly [Step, readonly number[]])[] = [
  ['timer', [0.05, 0.1, 0.3, 0.6, 1, 5]],
  ['local-database', [0.3, 0.5, 0.8, 1.5, 3, 30]],
  ['controller-recompute', [3, 6, 10, 16, 25, 50]],
  ['vswitchd-start', [190, 220, 250, 280, 360, 650]],
];

for (const [step, quantiles] of rows) {
  test(`on a busy host ${step} has the quantiles that were measured`, t => {
    const sorted = draws(new HostProfile('busy'), step);
    for (const [index, mark] of [0.25, 0.5, 0.75, 0.9].entries()) {
      // Twenty in a thousand to either side is more than five standard deviations.
      const [low, high] = [mark - 0.02, mark + 0.02].map(share => sorted[Math.round(share * many)]);
      const expected = milliseconds(quantiles[index + 1]);
      t.true(low <= expected && expected <= high, `${mark}: ${low} to ${high}, not ${expected}`);
    }
  });
}

for (const base of ['quiet', 'real-time', 'busy'] as const) {
  test(`on a ${base} host no step takes less or more than its bounds, nor a fraction of a microsecond`, t => {
    const profile = new HostProfile(base);
    for (const step of steps) {
      const sorted = draws(profile, step);
      const [least, most] = profile.bounds(step);
      t.true(least > 0 && least <= sorted[0] && sorted[many - 1] <= most, step);
      t.true(sorted.every(Number.isInteger), step);
      t.true(sorted[0] < least + (most - least) * 0.05, step);
    }
  });
}

test('a quiet host is as fast as the fast quarter of a busy one', t => {
  // A timer of an ordinary process rings late even there, so that two backups of keepalived do not race (MEASURED.md B 7).
  for (const step of steps.filter(each => each !== 'vrrp-timer')) {
    const quiet = new HostProfile('quiet').bounds(step);
    const fast = draws(new HostProfile('busy'), step)[Math.round(many * 0.27)];
    t.true(quiet[1] <= fast, step);
  }
});

test('real-time daemons hear and ring in time, and work as long as others', t => {
  const [quiet, busy, realTime] = (['quiet', 'busy', 'real-time'] as const).map(base => new HostProfile(base));
  const punctual: readonly Step[] = ['timer', 'bfd-receive', 'local-database'];
  // keepalived was measured under this profile itself.
  const others = steps.filter(step => !step.startsWith('vrrp-') && step !== 'keepalived-start');
  for (const step of others) {
    t.deepEqual(realTime.bounds(step), (punctual.includes(step) ? quiet : busy).bounds(step), step);
  }
});

test('a step with times of its own is drawn evenly between them, and the others are as they were', t => {
  const own = new HostProfile('busy', new Map([['northd-loop', [milliseconds(10), milliseconds(20)]]]));
  t.deepEqual(own.bounds('northd-loop'), [milliseconds(10), milliseconds(20)]);
  const sorted = draws(own, 'northd-loop');
  for (const share of [0.1, 0.5, 0.9]) {
    t.true(Math.abs(sorted[many * share] - milliseconds(10 + 10 * share)) < milliseconds(0.3));
  }
  t.deepEqual(draws(own, 'timer'), draws(new HostProfile('busy'), 'timer'));
});

test('a step of one length always takes that', t => {
  const own = new HostProfile('quiet', new Map([['timer', [milliseconds(7), milliseconds(7)]]]));
  t.deepEqual(new Set(draws(own, 'timer')), new Set([milliseconds(7)]));
});

test('how long a host takes depends on who does what how often, not on who else does something', t => {
  const take = (others: boolean) => {
    const host = new Host(makeGround(), 'gw1', new HostProfile('busy'));
    return Array.from({length: 20}, () => {
      if (others) for (const who of ['b', 'c']) host.take('timer', who);
      if (others) host.take('packet-in', 'a');
      return host.take('timer', 'a');
    });
  };
  t.deepEqual(take(true), take(false));
  const host = new Host(makeGround(), 'gw1', new HostProfile('busy'));
  t.deepEqual(
    take(false),
    Array.from({length: 20}, (_, count) => host.takeNumbered('timer', 'a', count)),
  );
});

test('hosts have clocks of their own, the same for the same seed', t => {
  const phases = (seed: string) =>
    ['gw1', 'gw2'].map(name => {
      const {phase, kernelPhase} = new Host(makeGround(seed), name, new HostProfile('quiet'));
      return [phase, kernelPhase];
    });
  t.deepEqual(phases('1'), phases('1'));
  t.notDeepEqual(phases('1')[0], phases('1')[1]);
  t.notDeepEqual(phases('1'), phases('2'));
  for (const [phase] of phases('3')) t.true(Number.isInteger(phase) && phase >= 0 && phase < milliseconds(100));
});
