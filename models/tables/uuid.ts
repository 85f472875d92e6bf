import {Chance} from '../../engine/chance.ts';

/** The UUID of a row in a program's database: it comes from its kind and its name alone, so it is the same in every run. */
export function uuidOf(database: 'ovn' | 'neutron', kind: string, name: string): string {
  const next = new Chance(database).sequence(`${kind}/${name}`);
  const digits = Array.from({length: 32}, () => Math.floor(next() * 16).toString(16));
  digits[12] = '4';
  digits[16] = '89ab'[Math.floor(next() * 4)];
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
