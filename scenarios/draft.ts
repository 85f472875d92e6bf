import type {z} from 'zod';
import type {Findings, Path} from './findings.ts';
import {lanGrammar, lanSections, type LanDraft} from './grammar-lans.ts';
import {scenarioGrammar, sectionsOfNames, type Draft} from './grammar.ts';
import type {Hint} from './mistake-list.ts';
import {quote} from './mistakes.ts';
import {didYouMean, nearest} from './near-miss.ts';
import type {Plain, PlainMap} from './yaml-tree.ts';

type Issue = z.core.$ZodIssue;

/** A kind of file: what it may hold, and what the check does without. */
type Form<Content> = {
  readonly grammar: z.ZodType<Content>;
  /** What it goes on with where one of these is wrong. */
  readonly standIns: ReadonlyMap<string | number, Plain>;
  /** What it needs to be of the right kind to go on at all. */
  readonly needed: readonly string[];
};

/** Every scenario has a name and a duration. */
const standIns: ReadonlyMap<string | number, Plain> = new Map([
  ['name', 'unnamed'],
  ['duration', '1000000000s'],
]);

const scenarioForm: Form<Draft> = {grammar: scenarioGrammar, standIns, needed: sectionsOfNames};
const lanForm: Form<LanDraft> = {grammar: lanGrammar, standIns, needed: lanSections};

type Reading<Content> = {readonly draft: Content; readonly flawed: ReadonlySet<string>};

/** Reads the plain content of a scenario file of machines on LANs. */
export function readLanDraft(content: Plain, findings: Findings): Reading<LanDraft> | undefined {
  return readForm(lanForm, content, findings);
}

/** Reads the plain content of a scenario file of a cloud. */
export function readDraft(content: Plain, findings: Findings): Reading<Draft> | undefined {
  return readForm(scenarioForm, content, findings);
}

/**
 * Reads the plain content of a file by its grammar. What does not fit is reported and taken out, so that the rest can
 * be checked too. `flawed` holds the `section/name` of every entry that something was taken out of. Undefined if too
 * little is left.
 */
export function readForm<Content>(
  form: Form<Content>,
  content: Plain,
  findings: Findings,
): Reading<Content> | undefined {
  const flawed = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const result = form.grammar.safeParse(content);
    if (result.success) return {draft: result.data, flawed};
    const {issues} = result.error;
    const misspelt = round === 0 ? misspeltKeys(issues) : new Set();
    const gone = new Set<string>();
    let isEnough = true;
    for (const issue of issues) {
      for (const flaw of explain(issue, issue.path as Path, findings)) {
        const isReported = round === 0 && !(flaw.isMissing && misspelt.has(flaw.path.join('/')));
        const span = flaw.isKey ? findings.key(flaw.path) : findings.value(flaw.path);
        if (isReported) findings.mistake(span, flaw.message, flaw.hint);
        if (flaw.path.length > 1) flawed.add(flaw.path.slice(0, 2).join('/'));
        isEnough = takeOut(content, flaw.path, gone, form) && isEnough;
      }
    }
    if (!isEnough) return undefined;
  }
  return undefined;
}

/** Taking a value out can leave something incomplete, which goes next; nothing is nested deeper than this. */
const mostRounds = 8;

type Flaw = {
  readonly path: Path;
  readonly isKey: boolean;
  readonly isMissing?: boolean;
  readonly message: string;
  readonly hint?: Hint;
};

function* explain(issue: Issue, path: Path, findings: Findings): Iterable<Flaw> {
  const [message, hint] = split(issue.message);
  if (issue.code === 'unrecognized_keys') {
    const known = message.split(' ');
    for (const key of issue.keys) yield unknownKey([...path, key], key, known);
  } else if (issue.code === 'invalid_key') {
    const [keyMessage, keyHint] = split(issue.issues[0].message);
    yield {path, isKey: true, message: keyMessage, hint: keyHint};
  } else if (findings.scalar(path) === null) {
    yield {path, isKey: true, message: `${nameOf(path)} has no value`};
  } else if (!findings.has(path)) {
    yield {path, isKey: false, isMissing: true, message: `${nameOf(path)} is missing: ${wanted(issue, message)}`};
  } else if (issue.code === 'invalid_union' && issue.discriminator === undefined) {
    const isScalar = findings.scalar(path) !== undefined;
    const branch = issue.errors.find(issues => !issues.some(inner => isWrongKind(inner, isScalar)));
    if (branch) for (const inner of branch) yield* explain(inner, [...path, ...(inner.path as Path)], findings);
    else yield {path, isKey: false, message: `${nameOf(path)} must be ${message}, not ${findings.describe(path)}`};
  } else if (issue.code === 'invalid_value' || issue.code === 'invalid_union') {
    const value = findings.scalar(path);
    const suggestion = typeof value === 'string' ? didYouMean(value, choicesOf(issue)) : undefined;
    const text = `${findings.describe(path)} is not ${suggestion === undefined ? wanted(issue, message) : 'known here'}`;
    yield {path, isKey: false, message: text, hint: suggestion};
  } else if (issue.code === 'invalid_type' && message.startsWith('Invalid input')) {
    const text = `${nameOf(path)} must be ${wanted(issue, message)}, not ${findings.describe(path)}`;
    yield {path, isKey: false, message: text};
  } else {
    yield {path, isKey: false, message, hint};
  }
}

/** The keys that unknown ones are likely to mean; to call them missing as well would say the same twice. */
function misspeltKeys(issues: readonly Issue[]): ReadonlySet<string> {
  const meant = issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys') return [];
    const known = issue.message.split(' ');
    return issue.keys.slice(0, 100).map(key => [...issue.path, nearest(asKey(key), known)].join('/'));
  });
  return new Set(meant);
}

function asKey(text: string): string {
  return text.replaceAll('_', '-');
}

function unknownKey(path: Path, key: string, known: readonly string[]): Flaw {
  const hint = () => didYouMean(asKey(key), known) ?? `Known here: ${known.join(', ')}`;
  return {path, isKey: true, message: `unknown key ${quote(key)}`, hint};
}

/** In a union: whether the value is of another kind altogether than this branch reads. */
function isWrongKind(issue: Issue, isScalar: boolean): boolean {
  if (issue.path.length > 0) return false;
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && !isScalar);
}

function wanted(issue: Issue, message: string): string {
  const choices = choicesOf(issue);
  if (choices.length > 0) return `${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}`;
  if (issue.code !== 'invalid_type' || !message.startsWith('Invalid input')) return message;
  if (issue.expected === 'object' || issue.expected === 'record') return 'a map of keys and values';
  if (issue.expected === 'array') return 'a list';
  return issue.expected === 'boolean' ? 'true or false' : `a ${issue.expected}`;
}

function choicesOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const {options = []} = issue as {options?: readonly unknown[]};
  return options.map(String);
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  return typeof last === 'string' ? quote(last) : 'an item';
}

/** A message and its hint: see `fields.ts`. */
function split(text: string): [message: string, hint: string | undefined] {
  return text.split('\n', 2) as [string, string | undefined];
}

/**
 * Takes the value at the path out; of a list the whole list, so that the numbers of items stay true; if nothing is
 * there, what it is missing from. `gone` are the places taken out already. False if the check cannot do without it.
 */
function takeOut(
  content: Plain,
  path: Path,
  gone: Set<string>,
  {standIns, needed}: Pick<Form<unknown>, 'standIns' | 'needed'>,
): boolean {
  if (path.some((_, index) => gone.has(placeOf(path.slice(0, index + 1))))) return true;
  const passed: Plain[] = [content];
  for (const step of path) {
    const child = childOf(passed[passed.length - 1], step);
    if (child === undefined) break;
    passed.push(child);
  }
  let depth = passed.length - 2;
  while (depth >= 0 && Array.isArray(passed[depth])) depth -= 1;
  if (depth <= 0 && standIns.has(path[0])) {
    (content as PlainMap)[path[0]] = standIns.get(path[0])!;
    return true;
  }
  if (depth < 0) return false;
  delete (passed[depth] as PlainMap)[path[depth]];
  gone.add(placeOf(path.slice(0, depth + 1)));
  return depth > 0 || !needed.some(section => section === path[0]);
}

function placeOf(path: Path): string {
  return JSON.stringify(path);
}

function childOf(parent: Plain, step: string | number): Plain | undefined {
  if (parent === null || typeof parent !== 'object') return undefined;
  if (Array.isArray(parent)) return parent[Number(step)];
  return Object.hasOwn(parent, step) ? parent[step] : undefined;
}
