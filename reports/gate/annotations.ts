import type {Verdict} from './gate.ts';
import {tellRow, type Repeat} from './gate-text.ts';

/** Workflow commands of GitHub Actions: an error for each regression, a notice for each that is known. */
export function annotations(suite: string, {rows}: Verdict, repeat: Repeat): string {
  return rows
    .flatMap(row => {
      const kind =
        row.verdict === 'regressed' || row.verdict === 'gone'
          ? 'error'
          : row.verdict === 'known'
            ? 'notice'
            : undefined;
      if (kind === undefined) return [];
      const title = property(`${row.case}: ${row.metric}`);
      return [`::${kind} file=${property(suite)},title=${title}::${message(tellRow(row, repeat))}\n`];
    })
    .join('');
}

/** @actions/core, command.ts: what would end the command is escaped. */
function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
