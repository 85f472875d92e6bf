import yargs, {type Argv, type CommandModule} from 'yargs';
import {list} from '../reports/format.ts';
import {nearest} from '../scenarios/near-miss.ts';
import type {Command} from './commands/command.ts';
import {Failure} from './failure.ts';
import {version} from './package-files.ts';

/** Each is loaded when it is asked for: what one needs, the others need not wait for. */
const commands = {
  run: async () => (await import('./commands/run.ts')).runCommand,
  list: async () => (await import('./commands/list.ts')).listCommand,
  validate: async () => (await import('./commands/validate.ts')).validateCommand,
  schema: async () => (await import('./commands/schema.ts')).schemaCommand,
  metrics: async () => (await import('./commands/metrics.ts')).metricsCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  capture: async () => (await import('./commands/capture.ts')).captureCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  sweep: async () => (await import('./commands/sweep.ts')).sweepCommand,
  merge: async () => (await import('./commands/merge.ts')).mergeCommand,
  worker: async () => (await import('./commands/worker.ts')).workerCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
} as const;

type CommandName = keyof typeof commands;
type Words = Pick<Command, 'command' | 'optionNames'>;

/** Reads the command line `words`. Parsing it runs the command; what is wrong with it is thrown as a `Failure`. */
export async function makeParser(words: readonly string[]): Promise<Argv> {
  const word = firstWord(words);
  const names = word !== undefined && isCommand(word) ? [word] : (Object.keys(commands) as CommandName[]);
  const asked = await Promise.all(names.map(name => commands[name]()));
  return yargs([...words])
    .scriptName('faultline')
    .detectLocale(false)
    .parserConfiguration({
      ...{'boolean-negation': false, 'dot-notation': false, 'camel-case-expansion': false},
      // What `show` is asked for may have options of its own: conntrack -L.
      'unknown-options-as-args': word === 'show',
    })
    .usage('$0 <command>\n\nEmulates cloud virtual networks under failure and says what convergence costs.')
    .command(asked as CommandModule[])
    .demandCommand(1, 'Which command?')
    .strict()
    .version(version)
    .help()
    .alias('h', 'help')
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .example('$0 list', 'what there is to run')
    .example('$0 run ovn-three-gateways --seed 7', 'run one of them')
    .epilogue(
      [
        'Exit status:',
        '  0    fine',
        '  1    an expectation was missed; for check: something became worse',
        '  2    the command line, a file or a folder is wrong; for check also: too few seeds to tell',
        '  3    a bug of ours, or a run that failed',
        '  130  interrupted (Ctrl-C)',
        '  143  told to end (SIGTERM)',
      ].join('\n'),
    )
    .fail((message, error) => {
      // Errors of commands come here too; yargs' own have a name of their own, or none and a message.
      const given = error as Error | undefined;
      if (given !== undefined && given.name !== 'YError') throw given;
      throw new Failure(explain(message || (given?.message ?? ''), words, asked));
    })
    .exitProcess(false);
}

/** What is wrong with the words, with what may have been meant. */
function explain(message: string, words: readonly string[], [command]: readonly Words[]): string {
  const word = firstWord(words);
  const names = Object.keys(commands);
  if (word === undefined) return `${message} There are ${list(names)}. See faultline --help.`;
  if (!isCommand(word)) return `there is no command ${word}. ${suggest(word, names, '')}See faultline --help.`;
  return `${explainWithin(word, command, message, words)}\nSee faultline ${word} --help.`;
}

function explainWithin(
  name: CommandName,
  {command, optionNames}: Words,
  message: string,
  words: readonly string[],
): string {
  const options = [...optionNames, 'help', 'version'];
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message);
  const strange = givenOptions(words).filter(name => name !== 'h' && !options.includes(name));
  if (strange.length > 0) return [...new Set(strange)].map(name => tellUnknown(name, options)).join('\n');
  if (unknown) return unknown[1].split(', ').map(tellTooMany).join('\n');
  const missing = /^Not enough arguments following: (.*)$/.exec(message);
  if (missing) return `--${missing[1]} needs a value.`;
  if (/^Not enough non-option arguments/.test(message)) {
    return `${name} needs a ${/<(\w+?)s?[.>]/.exec(String(command))?.[1] ?? 'word'}.`;
  }
  const required = /^Missing required arguments?: (.*)$/.exec(message);
  if (required) return `${name} needs --${required[1]}.`;
  const choice = /Argument: (\S+), Given: (.*), Choices: (.*)$/s.exec(message);
  return choice ? `--${choice[1]} cannot be ${choice[2]}. There are ${choice[3]}.` : message;
}

/** The names of the words that look like options. */
function givenOptions(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const given = words.slice(0, end < 0 ? undefined : end);
  return given.flatMap(word => /^(?:--(?=[a-z])[^=]+|-[a-z])/i.exec(word)?.[0].replace(/^--?/, '') ?? []);
}

function tellUnknown(name: string, options: readonly string[]): string {
  return `there is no option ${name.length === 1 ? '-' : '--'}${name}. ${suggest(name, options, '--')}`.trimEnd();
}

function tellTooMany(word: string): string {
  return `${word} is one word too many.`;
}

function suggest(word: string, candidates: readonly string[], dashes: string): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `Did you mean ${dashes}${near}? `;
}

function firstWord(words: readonly string[]): string | undefined {
  return words.find(word => !word.startsWith('-'));
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}
