import test from 'ava';
import fc from 'fast-check';
import {formatSeeds, parseSeeds} from '../../scenarios/seeds.ts';

const seedsOf = (text: string): readonly string[] => {
  const parsed = parseSeeds(text);
  return 'value' in parsed ? parsed.value : [parsed.flaw];
};

test('seeds are numbers, ranges of numbers, and words, in the order given', t => {
  t.deepEqual(seedsOf('1..3'), ['1', '2', '3']);
  t.deepEqual(seedsOf('7'), ['7']);
  t.deepEqual(seedsOf('9..9, 1..2,night, 007'), ['9', '1', '2', 'night', '007']);
});

test('what is no list of seeds is told', t => {
  t.deepEqual(seedsOf('3..1'), ['"3..1" ends before it begins']);
  t.deepEqual(seedsOf('1..'), ['"1.." is not a seed']);
  t.deepEqual(seedsOf('01..09'), ['"01..09" is not a range of whole numbers']);
  t.deepEqual(seedsOf('1..3,2'), ['"1..3,2" has the seed 2 twice']);
  t.deepEqual(seedsOf('1,,2'), ['"1,,2" has an empty seed']);
  t.deepEqual(seedsOf(''), ['"" has an empty seed']);
  t.deepEqual(seedsOf('1..1000001'), ['"1..1000001" are more than 1000000 seeds']);
});

test('any seeds are written so that they read the same', t => {
  const seed = fc.oneof(fc.nat(12).map(String), fc.constantFrom('a', 'b-2', '01', '99999999999999999'));
  fc.assert(
    fc.property(fc.uniqueArray(seed, {minLength: 1}), seeds => {
      t.deepEqual(seedsOf(formatSeeds(seeds)), seeds);
    }),
  );
  t.is(formatSeeds(['1', '2', '3', '5', '6', 'x']), '1..3,5,6,x');
});
