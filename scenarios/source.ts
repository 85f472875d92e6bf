/** A text in which mistakes can lie: the scenario file, or one `--set`. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly #firstLine: number;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, text: string, firstLine = 1) {
    this.file = file;
    this.text = text;
    this.#firstLine = firstLine;
  }

  /** Line and column count from 1. The length ends with the line and is at least 1, for a caret to show. */
  locate(start: number, end: number): {line: number; column: number; length: number} {
    this.#lineStarts ??= lineStartsOf(this.text);
    const from = Math.min(Math.max(start, 0), this.text.length);
    const index = lastNotAfter(this.#lineStarts, from);
    const lineEnd = (this.#lineStarts[index + 1] ?? this.text.length + 1) - 1;
    const length = Math.max(1, Math.min(end, lineEnd) - from);
    return {line: this.#firstLine + index, column: from - this.#lineStarts[index] + 1, length};
  }

  /** The stretch that begins at a line and column, which count from 1. */
  spanOf(line: number, column: number, length: number): Span {
    this.#lineStarts ??= lineStartsOf(this.text);
    const start = this.#lineStarts[line - this.#firstLine] + column - 1;
    return {source: this, start, end: start + length};
  }
}

/** A stretch of a source, from `start` up to but without `end`. */
export type Span = {readonly source: Source; readonly start: number; readonly end: number};

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lastNotAfter(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
