import {list} from '../format.ts';
import {shown} from '../sweeps/figures.ts';
import {partsOfName} from '../sweeps/metric-names.ts';
import type {Row, Verdict} from './gate.ts';
import type {Group} from './groups.ts';

/** The command that repeats the run of a row's worst seed. */
export type Repeat = (row: Row) => string;

/** So many metrics are named beside the one that stands for them. */
const mostNamed = 6;

/** A row in a sentence: what JUnit says. */
export function tellRow(row: Row, verdict: Verdict, repeat: Repeat): string {
  const [, , base, now, word] = cellsOf(row);
  const change = base === '' ? word : `${base} → ${now}: ${word}`;
  return [change, ...remarksOf(row, verdict, repeat)].join('; ');
}

/** Likewise a group: what annotations say. */
export function tellGroup({row, others}: Group, verdict: Verdict, repeat: Repeat): string {
  return [tellRow(row, verdict, repeat), ...companyOf(others)].join('; ');
}

/** Case, metric, before, now, verdict. */
export function cellsOf(row: Row): readonly string[] {
  const {case: name, metric, judgement, verdict} = row;
  if (!judgement) return [name, metric, '', '', ['gone', 'failed'].includes(verdict) ? verdict.toUpperCase() : verdict];
  const {unit} = partsOfName(metric);
  return [name, metric, shown(judgement.base, unit), shown(judgement.now, unit), verdictOf(row)];
}

function verdictOf({verdict, judgement, metric}: Row): string {
  if (!judgement) return verdict;
  const change = changeOf(judgement.base, judgement.now, partsOfName(metric).unit, judgement.interval);
  switch (verdict) {
    case 'regressed':
      return `REGRESSED  ${change}`;
    case 'undecided':
      return `UNDECIDED  ${change}`;
    case 'known':
      return `known regression  ${change}`;
    case 'improved':
      return `improved  ${change}`;
    default:
      return verdict;
  }
}

/** `+127 % [+98 %, +151 %]`; without a share where there was nothing before. */
function changeOf(base: number, now: number, unit: string, interval: readonly number[] = []): string {
  if (!Number.isFinite(base) || !Number.isFinite(now)) return now === Infinity ? 'some never end' : 'all end';
  const tell = (by: number): string => {
    const text = base > 0 ? `${round(Math.abs(by / base) * 100)} %` : shown(Math.abs(by), unit);
    return `${by < 0 ? '-' : '+'}${text}`;
  };
  return [tell(now - base), ...(interval.length > 0 ? [`[${interval.map(tell).join(', ')}]`] : [])].join(' ');
}

/** What is to be known of a group besides. */
export function remarksOfGroup({row, others}: Group, verdict: Verdict, repeat: Repeat): readonly string[] {
  return [...remarksOf(row, verdict, repeat), ...companyOf(others)];
}

function remarksOf(row: Row, {level, enough}: Verdict, repeat: Repeat): readonly string[] {
  const {verdict, judgement, moved, worstSeed, error, known} = row;
  if (error !== undefined) return [`seed ${worstSeed}: ${error}`, repeat(row)];
  if (verdict === 'gone') return ['it was measured before; --update accepts that it is not any more'];
  if (!judgement || verdict === 'within') return [];
  const texts: string[] = [];
  if (moved) texts.push(`phase: ${moved.phase} of ${moved.edge} ${moved.by > 0 ? '+' : ''}${shown(moved.by, 'ms')}`);
  if (verdict === 'improved') return texts;
  if (verdict === 'undecided') {
    texts.push(`too few seeds to tell that from luck at ${tellP(level)}: ${enough} or more can`);
  } else texts.push(`by luck alone with a probability of ${tellP(judgement.p)}`);
  if (worstSeed !== undefined) texts.push(`worst seed ${worstSeed}: ${repeat(row)}`);
  if (known) texts.push(`${verdict === 'known' ? 'let' : 'was let'} pass until ${known.until}: ${known.reason}`);
  return texts;
}

/** The metrics that tell of the same cause. */
function companyOf(others: readonly Row[]): readonly string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, mostNamed).map(({metric, judgement}) => {
    if (!judgement) return metric;
    return `${metric} ${changeOf(judgement.base, judgement.now, partsOfName(metric).unit)}`;
  });
  return [`with it: ${list(others.length > mostNamed ? [...names, `${others.length - mostNamed} more`] : names)}`];
}

/** A probability for people. */
export function tellP(p: number): string {
  return p >= 0.001 ? `${round(p * 100)} %` : `${p.toExponential(0)}`;
}

function round(number: number): string {
  return String(number >= 100 ? Math.round(number) : Math.round(number * 10) / 10);
}
