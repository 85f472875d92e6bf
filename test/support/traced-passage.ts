import {readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Fact} from '../../engine/ledger.ts';
import {Passage} from '../../models/dataplane/passage.ts';

/** A fact that a passage relied on, and the kind of fact: the file, the method and the words with which it did. */
export type Reliance = {readonly fact: Fact; readonly kind: string};

/** A passage that knows which line of the data plane noted each fact. */
export class TracedPassage extends Passage {
  readonly reliances: Reliance[] = [];

  override rely(fact: Fact): void {
    this.reliances.push({fact, kind: kindOfCaller()});
    super.rely(fact);
  }
}

/** Every kind of fact that something in this folder of `models` relies on. */
export function kindsIn(folder: string): readonly string[] {
  const path = join(dirname(fileURLToPath(import.meta.url)), '../../models', folder);
  const files = readdirSync(path).filter(file => file.endsWith('.js'));
  return [...new Set(files.flatMap(file => [...kindsOf(join(path, file)).values()]))].sort();
}

/** The kinds of compiled files, by line. */
const known = new Map<string, ReadonlyMap<number, string>>();

function kindsOf(file: string): ReadonlyMap<number, string> {
  let kinds = known.get(file);
  if (!kinds) known.set(file, (kinds = readKinds(file)));
  return kinds;
}

function readKinds(file: string): ReadonlyMap<number, string> {
  const kinds = new Map<number, string>();
  let method = '';
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      method = /^ {4}(#?\w+)\(.*\) \{$/.exec(line)?.[1] ?? method;
      const fact = /\.rely\((.+)\);$/.exec(line)?.[1];
      if (fact !== undefined) kinds.set(index + 1, `${basename(file, '.js')} ${method}: ${fact}`);
    });
  return kinds;
}

/** The kind by which the caller of the method that calls this relies on something. */
function kindOfCaller(): string {
  const {prepareStackTrace, stackTraceLimit} = Error;
  const holder: {stack?: NodeJS.CallSite[]} = {};
  let site: NodeJS.CallSite | undefined;
  try {
    Error.stackTraceLimit = 3;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder);
    site = holder.stack?.[2];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
  const file = fileURLToPath(site?.getFileName() ?? '');
  const kind = kindsOf(file).get(site?.getLineNumber() ?? 0);
  if (kind === undefined) throw new Error(`${file}:${site?.getLineNumber()} relies on something in a way of its own`);
  return kind;
}
