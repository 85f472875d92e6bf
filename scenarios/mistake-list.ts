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

/** At one place those that differ in numbers only are told once: a template is wrong for many of its names at a time. */
function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const sorted = [...mistakes].sort(
    (a, b) =>
      Number(a.file.startsWith('--')) - Number(b.file.startsWith('--')) || a.line - b.line || a.column - b.column,
  );
  const groups = new Map<string, Set<string>>();
  const first = sorted.filter(mistake => {
    const group = groups.get(groupOf(mistake));
    group?.add(mistake.message);
    if (!group) groups.set(groupOf(mistake), new Set([mistake.message]));
    return !group;
  });
  return first.map(mistake => {
    const more = groups.get(groupOf(mistake))!.size - 1;
    return more === 0
      ? mistake
      : {...mistake, message: `${mistake.message}, and ${more.toLocaleString('en-US')} more like it`};
  });
}

function groupOf({file, line, column, message}: Mistake): string {
  return [file, line, column, message.replaceAll(/\d+/g, '#')].join('\0');
}
