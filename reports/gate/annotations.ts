import type {Row, Verdict} from './gate.ts';
import {tellGroup, type Repeat} from './row-text.ts';
import {groupsOf} from './groups.ts';

/** Where a case stands: the path of its suite as GitHub knows it, and a line. */
export type Place = {readonly file: string; readonly line: number};

/** Workflow commands of GitHub Actions: an error for each cause that shuts the gate, a notice for each that is known. */
export function annotations(verdict: Verdict, placeOf: (caseName: string) => Place, repeat: Repeat): string {
  const told = verdict.rows.filter(row => levels[row.verdict] !== undefined);
  return groupsOf(told)
    .map(group => {
      const {row} = group;
      const {file, line} = placeOf(row.case);
      const title = property(`${row.case}: ${row.metric}`);
      const place = `file=${property(file)},line=${line},title=${title}`;
      return `::${levels[row.verdict]} ${place}::${message(tellGroup(group, verdict, repeat))}\n`;
    })
    .join('');
}

const levels: Readonly<Partial<Record<Row['verdict'], 'error' | 'notice'>>> = {
  regressed: 'error',
  gone: 'error',
  undecided: 'error',
  failed: 'error',
  known: 'notice',
};

/** @actions/core, command.ts: what would end the command is escaped. */
function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
