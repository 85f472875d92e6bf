import type {Mistake} from './mistakes.ts';
import type {Span} from './source.ts';

/** What may help; a function is asked only where the answer will be read. */
export type Hint = string | (() => string | undefined) | undefined;

/** Looking for a name that is nearly right takes time, and nobody reads this many mistakes. */
const mostHints = 100;

/** Collects what is wrong with a scenario, in any order. */
export class MistakeList {
  readonly #mistakes: Mistake[] = [];
  readonly #warnings: Mistake[] = [];

  get isEmpty(): boolean {
    return this.#mistakes.length === 0;
  }

  add(span: Span, message: string, hint?: Hint): void {
    const asked = typeof hint !== 'function' ? hint : this.#mistakes.length < mostHints ? hint() : undefined;
    this.#mistakes.push(toMistake(span, message, asked));
  }

  warn(span: Span, message: string): void {
    this.#warnings.push(toMistake(span, message, undefined));
  }

  /** As the reader meets them in the file, settings last. */
  get mistakes(): readonly Mistake[] {
    return inOrder(this.#mistakes);
  }

  get warnings(): readonly Mistake[] {
    return inOrder(this.#warnings);
  }
}

function toMistake({source, start, end}: Span, message: string, hint: string | undefined): Mistake {
  const place = {file: source.file, ...source.locate(start, end)};
  return hint === undefined ? {...place, message} : {...place, message, hint};
}

function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const sorted = [...mistakes].sort(
    (a, b) =>
      Number(a.file.startsWith('--')) - Number(b.file.startsWith('--')) || a.line - b.line || a.column - b.column,
  );
  return sorted.filter((mistake, index) => !isSame(mistake, sorted[index - 1]));
}

function isSame(a: Mistake, b: Mistake | undefined): boolean {
  return a.message === b?.message && a.line === b.line && a.column === b.column && a.file === b.file;
}
