import {isDeepStrictEqual} from 'node:util';

/** In which words a design of a sweep, or of a shard, is told to differ. What repeats it follows from the rest. */
const words: Readonly<Record<string, string>> = {
  faultline: 'version of Faultline',
  scenario: 'scenario',
  scenario_sha256: 'scenario file',
  scenario_file: 'scenario file',
  points: 'choice of settings',
  seeds: 'choice of seeds',
  shard: 'shard',
};

/** `another choice of seeds (1..7)`: in what a design that was found is not the wanted one; undefined if it is that. */
export function differenceOf(found: unknown, wanted: object): string | undefined {
  const [there, here] = [found, wanted].map(
    design => (typeof design === 'object' ? design : {}) as Readonly<Record<string, unknown>>,
  );
  const key = Object.keys(words).find(candidate => !isDeepStrictEqual(there[candidate], here[candidate]));
  if (key === undefined) return undefined;
  return `another ${words[key]}${typeof there[key] === 'string' ? ` (${there[key]})` : ''}`;
}
