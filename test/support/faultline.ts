import {spawn, type SpawnOptions} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';

/** The program as it is built. */
export const program = join(process.cwd(), 'dist/cli/faultline.js');

export type Ended = {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `faultline` with words and waits for its end. */
export function faultline(words: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return run(process.execPath, [program, ...words], options);
}

/** Runs a line of shell in which `faultline` is the program. */
export function shell(line: string, options: SpawnOptions = {}): Promise<Ended> {
  return run('sh', ['-c', `faultline() { '${process.execPath}' '${program}' "$@"; }\n${line}`], options);
}

/** As soon as it writes to standard error, `act` is called: the run is under way then. */
export function run(
  command: string,
  words: readonly string[],
  options: SpawnOptions,
  act: (child: ReturnType<typeof spawn>) => void = () => undefined,
): Promise<Ended> {
  const {FORCE_COLOR: _, NO_COLOR: __, ...env} = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {stdio: ['ignore', 'pipe', 'pipe'], ...options, env: {...env, ...options.env}});
    const texts = {stdout: '', stderr: ''};
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    child.stderr?.once('data', () => {
      act(child);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({status, signal, ...texts});
    });
  });
}

/** A folder for one test, gone after it. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  t.teardown(() => {
    rmSync(folder, {recursive: true, force: true});
  });
  return folder;
}

/** The names and texts of all files of a folder, in order of their names. */
export function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}
