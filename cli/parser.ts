import yargs, {type Argv} from 'yargs';
import {list} from '../reports/format.ts';
import {nearest} from '../scenarios/near-miss.ts';
import {captureCommand} from './commands/capture.ts';
import {checkCommand} from './commands/check.ts';
import {compareCommand} from './commands/compare.ts';
import {explainCommand} from './commands/explain.ts';
import {listCommand} from './commands/list.ts';
import {metricsCommand} from './commands/metrics.ts';
import {mergeCommand} from './commands/merge.ts';
import {runCommand} from './commands/run.ts';
import {schemaCommand} from './commands/schema.ts';
import {showCommand} from './commands/show.ts';
import {sweepCommand} from './commands/sweep.ts';
import {validateCommand} from './commands/validate.ts';
import {workerCommand} from './commands/worker.ts';
import {Failure} from './failure.ts';
import {version} from './package-files.ts';

const commands = {
  run: runCommand,
  list: listCommand,
  validate: validateCommand,
  schema: schemaCommand,
  metrics: metricsCommand,
  show: showCommand,
  capture: captureCommand,
  explain: explainCommand,
  sweep: sweepCommand,
  merge: mergeCommand,
  worker: workerCommand,
  compare: compareCommand,
  check: checkCommand,
} as const;

/** Reads the command line `words`. Parsing it runs the command; what is wrong with it is thrown as a `Failure`. */
export function makeParser(words: readonly string[]): Argv {
  return yargs([...words])
    .scriptName('faultline')
    .detectLocale(false)
    .parserConfiguration({
      ...{'boolean-negation': false, 'dot-notation': false, 'camel-case-expansion': false},
      // What `show` is asked for may have options of its own: conntrack -L.
      'unknown-options-as-args': words.find(word => !word.startsWith('-')) === 'show',
    })
    .usage('$0 <command>\n\nEmulates cloud virtual networks under failure and says what convergence costs.')
    .command(commands.run)
    .command(commands.list)
    .command(commands.validate)
    .command(commands.schema)
    .command(commands.metrics)
    .command(commands.show)
    .command(commands.capture)
    .command(commands.explain)
    .command(commands.sweep)
    .command(commands.merge)
    .command(commands.worker)
    .command(commands.compare)
    .command(commands.check)
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
      throw new Failure(explain(message || (given?.message ?? ''), words));
    })
    .exitProcess(false);
}

/** What is wrong with the words, with what may have been meant. */
function explain(message: string, words: readonly string[]): string {
  const [word] = words.filter(candidate => !candidate.startsWith('-'));
  const names = Object.keys(commands);
  if (word === undefined) return `${message} There are ${list(names)}. See faultline --help.`;
  if (!isCommand(word)) return `there is no command ${word}. ${suggest(word, names, '')}See faultline --help.`;
  return `${explainWithin(word, message, words)}\nSee faultline ${word} --help.`;
}

function explainWithin(command: keyof typeof commands, message: string, words: readonly string[]): string {
  const options = [...commands[command].optionNames, 'help', 'version'];
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message);
  const strange = givenOptions(words).filter(name => name !== 'h' && !options.includes(name));
  if (strange.length > 0) return [...new Set(strange)].map(name => tellUnknown(name, options)).join('\n');
  if (unknown) return unknown[1].split(', ').map(tellTooMany).join('\n');
  const missing = /^Not enough arguments following: (.*)$/.exec(message);
  if (missing) return `--${missing[1]} needs a value.`;
  if (/^Not enough non-option arguments/.test(message)) {
    return `${command} needs a ${/<(\w+?)s?[.>]/.exec(String(commands[command].command))?.[1] ?? 'word'}.`;
  }
  const required = /^Missing required arguments?: (.*)$/.exec(message);
  if (required) return `${command} needs --${required[1]}.`;
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

function isCommand(word: string): word is keyof typeof commands {
  return Object.hasOwn(commands, word);
}
