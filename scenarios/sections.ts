import type {Findings, Path} from './findings.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';

/** Entries of a section of which nothing was taken out. */
export function soundEntries<Entry>(
  section: Readonly<Record<string, Entry>>,
  name: string,
  flawed: ReadonlySet<string>,
): readonly (readonly [string, Entry])[] {
  return Object.entries(section).filter(([key]) => !flawed.has(`${name}/${key}`));
}

/** Whether the file has more of a section than could be read. */
export function hasFlaws(section: string, flawed: ReadonlySet<string>): boolean {
  return [...flawed].some(place => place.startsWith(`${section}/`));
}

/** What is named and not there. */
export function missing(
  kind: string,
  name: string,
  path: Path,
  known: readonly {readonly name: string}[],
  findings: Findings,
): void {
  const names = known.map(candidate => candidate.name);
  findings.mistake(findings.value(path), `${kind} ${quote(name)} does not exist`, () => didYouMean(name, names));
}
