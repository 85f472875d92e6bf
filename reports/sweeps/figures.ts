import {figure, span} from '../format.ts';

/** A figure for people, in the unit that suits it. */
export function shown(value: number | undefined, unit: string): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (value === Infinity) return 'never';
  if (unit !== 'ms') return String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(figure(value) * 100) / 100);
  return value < 0 ? `-${span(Math.round(-value * 1000))}` : span(Math.round(value * 1000));
}

/** Columns as a Markdown table. */
export function markdown(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  left: ReadonlySet<number>,
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map((_, column) => (left.has(column) ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}
