import test from 'ava';
import type {Part} from './part.ts';

/** The test of one part: all rows agree, and no fewer than there should be. */
export function testAgreement({title, fewSeeds, rare, compare}: Part, leastAgreeing: number): void {
  test(`${title}: the real programs and the emulation agree row by row`, t => {
    const all = compare(fewSeeds, () => undefined).tables.flatMap(table => table.rows);
    const rows = all.filter(({name}) => !rare.includes(name));
    t.is(all.length - rows.length, rare.length);
    t.deepEqual(
      rows.filter(({verdict}) => verdict === 'misses').map(({name, because}) => `${name}: ${because}`),
      [],
    );
    t.true(
      rows.filter(({verdict}) => verdict === 'agrees' || verdict === 'aside').length >= leastAgreeing,
      'rows were left out',
    );
  });
}
