import {z} from 'zod';
import {textField} from './fields.ts';
import {keys} from './grammar-parts.ts';
import {parseSeeds} from './seeds.ts';

const mostValues = 1_000;

/** One value of a setting: whatever may stand at its path. */
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())], {
  error: 'a value',
});

/** What `faultline sweep` runs: every combination of the values, with every seed. */
export const sweepGrammar = keys({
  seeds: textField('seeds such as 1..200', {}, parseSeeds)
    .prefault('1..20')
    .describe('What chance starts from, a run each: 1..200, or 1,2,7.'),
  set: z
    .record(
      z.string(),
      z
        .array(value)
        .min(1, {error: 'an empty list: name a value'})
        .max(mostValues, {error: `more than ${mostValues} values`}),
    )
    .default({})
    .describe('Settings and the values of each, as --set has them: {bfd-mult: [3, 5, 10]}.'),
});
