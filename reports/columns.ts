import Table from 'cli-table3';

const borders = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
];

/** Columns under their heads, two blanks apart; numbers to the right, the columns of `left` to the left. */
export function align(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  left: ReadonlySet<number>,
): string {
  const table = new Table({
    head: [...heads],
    chars: {...Object.fromEntries(borders.map(border => [border, ''])), middle: '  '},
    style: {'padding-left': 0, 'padding-right': 0, head: [], border: []},
    colAligns: heads.map((_, column) => (left.has(column) ? 'left' : 'right')),
  });
  table.push(...rows.map(row => [...row]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

/** Whether every line of a text fits a width. */
export function fits(text: string, width: number): boolean {
  return text.split('\n').every(line => line.length <= width);
}

/** Lines of at most `width` characters, broken at blanks; all but the first begin with `indent` blanks. */
export function wrap(text: string, width: number, indent: number): string {
  if (text.length <= width || width <= indent + 20) return text;
  const at = text.lastIndexOf(' ', width);
  if (at <= indent) return text;
  const rest = wrap(`${' '.repeat(indent)}${text.slice(at + 1)}`, width, indent);
  return `${text.slice(0, at)}\n${rest}`;
}
