import test from 'ava';
import type {Part} from './part.ts';

/** The test of one part: all rows agree, and no fewer than there should be. */
export function testAgreement({title, fewSeeds, compare}: Part, leastAgreeing: number): void {
  test(`${title}: the real programs and the emulation agree row by row`, t => {
    const rows = compare(fewSeeds, () => undefined).tables.flatMap(table => table.rows);
    t.deepEqual(
      rows.filter(({verdict}) => verdict === 'misses').map(({name, because}) => `${name}: ${because}`),
      [],
    );
    t.true(rows.filter(({verdict}) => verdict === 'agrees').length >= leastAgreeing, 'rows were left out');
  });
}
