#!/usr/bin/env node
import {endingOf, endingOfStream, type Ending} from './ending.ts';
import {exitStatus} from './failure.ts';
import {hearSignals} from './signals.ts';
import {version} from './package-files.ts';
import {makeParser} from './parser.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  end(endingOfStream(error, Number(process.exitCode ?? exitStatus.fine)));
  process.exit();
});
// Nobody left to read messages is no reason to stop a run.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', error => {
  end(endingOf(error, version));
  process.exit();
});

const stopHearing = hearSignals();
try {
  const parser = await makeParser(process.argv.slice(2));
  await parser.parseAsync();
} catch (error) {
  end(endingOf(error, version));
}
stopHearing();

function end({text, status}: Ending): void {
  process.exitCode = status;
  if (text !== '') process.stderr.write(text);
}
