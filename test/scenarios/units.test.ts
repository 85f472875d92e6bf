import test from 'ava';
import fc from 'fast-check';
import {formatTime, parseInstant, parsePercentage, parseTime, parseTimeRange} from '../../scenarios/units.ts';

const hintOf = (parsed: object) => ('hint' in parsed ? parsed.hint : undefined);

test('times are whole microseconds in four units', t => {
  t.deepEqual(parseTime('1us'), {value: 1});
  t.deepEqual(parseTime('10ms'), {value: 10_000});
  t.deepEqual(parseTime('1.5s'), {value: 1_500_000});
  t.deepEqual(parseTime('2min'), {value: 120_000_000});
  t.deepEqual(parseTime('0s'), {value: 0});
  t.deepEqual(parseTime('0.000001s'), {value: 1});
});

test('decimal fractions are exact where floating point is not', t => {
  t.deepEqual(parseTime('1.001ms'), {value: 1_001});
  t.deepEqual(parseTime('4.35s'), {value: 4_350_000});
  t.deepEqual(parseTime('0.1s'), {value: 100_000});
  t.deepEqual(parseTime('0.30000000000000000s'), {value: 300_000});
});

test('every whole number of microseconds can be written in seconds', t => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 2 ** 40}), time => {
      const text = `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, '0')}s`;
      t.deepEqual(parseTime(text), {value: time});
    }),
  );
});

test('a number without a unit is a mistake that offers two', t => {
  t.deepEqual(parseTime('10'), {flaw: '"10" needs a unit: 10ms, 10s?'});
  t.deepEqual(parseTime('1.5'), {flaw: '"1.5" needs a unit: 1.5ms, 1.5s?'});
});

test('what is nearly a time is corrected', t => {
  t.is(hintOf(parseTime('10 s')), 'Did you mean "10s"?');
  t.is(hintOf(parseTime('10sec')), 'Did you mean "10s"?');
  t.is(hintOf(parseTime('10MS')), 'Did you mean "10ms"?');
  t.is(hintOf(parseTime('5m')), 'Did you mean "5ms" or "5min"?');
  t.is(hintOf(parseTime('3µs')), 'Did you mean "3us"?');
});

test('what is no time is refused', t => {
  for (const text of [
    '',
    's',
    '-1s',
    '+1s',
    '1e3s',
    '1.s',
    '.5s',
    '0.5us',
    '1s ',
    '1e400s',
    'NaN',
    `${'9'.repeat(40)}s`,
  ]) {
    t.true('flaw' in parseTime(text), text);
  }
});

test('a time of more than 31 years is refused', t => {
  t.deepEqual(parseTime('1000000000s'), {value: 1e15});
  t.true('flaw' in parseTime('1000000001s'));
});

test('a range goes from the shorter to the longer', t => {
  t.deepEqual(parseTimeRange('5ms'), {value: [5_000, 5_000]});
  t.deepEqual(parseTimeRange('2ms..9ms'), {value: [2_000, 9_000]});
  t.is(hintOf(parseTimeRange('9ms..2ms')), 'Write 2ms..9ms');
  for (const text of ['2ms..', '..2ms', '1ms..2ms..3ms', '1..2ms']) t.true('flaw' in parseTimeRange(text), text);
});

test('an instant may be drawn', t => {
  t.deepEqual(parseInstant('20s'), {value: {base: 20_000_000, random: 0}});
  t.deepEqual(parseInstant('20s + random 1s'), {value: {base: 20_000_000, random: 1_000_000}});
  t.deepEqual(parseInstant('20s+random 1s'), {value: {base: 20_000_000, random: 1_000_000}});
  for (const text of [
    '20s +',
    '+ random 1s',
    '20s + 1s',
    '20s random 1s',
    '1s + random 1s + random 1s',
    '1s + random 1',
  ]) {
    t.true('flaw' in parseInstant(text), text);
  }
});

test('percentages are shares', t => {
  t.deepEqual(parsePercentage('5%'), {value: 0.05});
  t.deepEqual(parsePercentage('0.1%'), {value: 0.001});
  t.deepEqual(parsePercentage('100%'), {value: 1});
  t.deepEqual(parsePercentage('5'), {flaw: '"5" needs a unit: 5%?'});
  for (const text of ['101%', '-1%', '%', 'half', '1e1%']) t.true('flaw' in parsePercentage(text), text);
});

test('messages show times in the unit that suits them', t => {
  t.is(formatTime(0), '0 ms');
  t.is(formatTime(100), '100 us');
  t.is(formatTime(1_500), '1.5 ms');
  t.is(formatTime(60_000_000), '60 s');
});
