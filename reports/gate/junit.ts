import {create} from 'xmlbuilder2';
import type {Row, Verdict} from './gate.ts';
import {tellRow, type Repeat} from './row-text.ts';

/** The gate as JUnit XML: a test case for each metric of each case. No times are told: they are of the emulation. */
export function junit(suite: string, verdict: Verdict, repeat: Repeat): string {
  const {rows} = verdict;
  const document = create({version: '1.0', encoding: 'UTF-8'});
  const cases = [...new Set(rows.map(row => row.case))];
  const root = document.ele('testsuites', {name: `faultline check ${suite}`, ...countsOf(rows)});
  for (const name of cases) {
    const own = rows.filter(row => row.case === name);
    const element = root.ele('testsuite', {name, ...countsOf(own), skipped: skipped(own)});
    for (const row of own) {
      const test = element.ele('testcase', {classname: `${suite}.${name}`, name: row.metric});
      const message = tellRow(row, verdict, repeat);
      if (isFailure(row)) test.ele('failure', {message, type: 'regression'}).txt(message);
      if (isError(row)) test.ele('error', {message, type: row.verdict}).txt(message);
      if (row.verdict === 'known') test.ele('skipped', {message});
    }
  }
  return `${document.end({prettyPrint: true})}\n`;
}

function countsOf(rows: readonly Row[]): Readonly<Record<string, number>> {
  return {tests: rows.length, failures: rows.filter(isFailure).length, errors: rows.filter(isError).length};
}

/** Nothing was found to be worse, and nothing to be well. */
function isError({verdict}: Row): boolean {
  return verdict === 'undecided' || verdict === 'failed';
}

function isFailure({verdict}: Row): boolean {
  return verdict === 'regressed' || verdict === 'gone';
}

function skipped(rows: readonly Row[]): number {
  return rows.filter(({verdict}) => verdict === 'known').length;
}
