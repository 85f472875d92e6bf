/** Something wrong in a scenario file or a setting, with the place to look at. */
export type Mistake = {
  /** The file's name, or `--set`. */
  readonly file: string;
  /** From 1; of a setting its number on the command line. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
};

/** What is wrong, wherever it stands. */
export type Flaw = Pick<Mistake, 'message' | 'hint'>;

/** The name under which mistakes in settings stand. */
export const settingsFile = '--set';

const mostShown = 50;
const widestLine = 120;

/**
 * All mistakes as a person reads them: place, message, and the line with carets below. `text` is the scenario file's,
 * `settings` are those given to `readScenario`.
 */
export function formatMistakes(mistakes: readonly Mistake[], text: string, settings: readonly string[] = []): string {
  const lines = text.split('\n');
  const shown = mistakes.slice(0, mostShown).map(mistake => {
    const source = mistake.file === settingsFile ? settings[mistake.line - 1] : lines[mistake.line - 1];
    return `${formatMistake(mistake)}\n${source === undefined ? '' : showSource(mistake, source)}`;
  });
  const hidden = mistakes.length - shown.length;
  if (hidden > 0) shown.push(`… and ${hidden} more\n`);
  const count = `${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}`;
  return `${shown.join('')}\n${count}; nothing was run.\n`;
}

/** One mistake on one line. */
export function formatMistake({file, line, column, message, hint}: Mistake): string {
  return printable(`${file}:${line}:${column}  ${message}${hint === undefined ? '' : `. ${hint}`}`);
}

/** The text in quotes, short enough for a message. */
export function quote(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 59)}…` : text}"`;
}

/** `"5"`, `true`, a list: a value of the file as a message shows it. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return quote(String(value));
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}

function showSource({line, column, length}: Mistake, source: string): string {
  const number = String(line).padStart(5);
  const margin = ' '.repeat(number.length);
  const from = column - 1 + Math.min(length, 40) > widestLine ? column - 1 - 40 : 0;
  const text = source.replace(/\r$/, '').slice(from, from + widestLine);
  const before = source.slice(from, column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(length, widestLine - before.length)));
  return `${number} | ${printable(text)}\n${margin} | ${before}${carets}\n`;
}

/** Without characters that would move the cursor or change its colour. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
