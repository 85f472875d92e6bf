import test from 'ava';
import {formatMistake, formatMistakes, quote, type Mistake} from '../../scenarios/mistakes.ts';

const mistake: Mistake = {file: 'a.yaml', line: 2, column: 4, length: 3, message: 'it is wrong', hint: 'Make it right'};

test('a mistake shows its place, the line and carets under the word', t => {
  t.is(
    formatMistakes([mistake], 'one\nab cde fg\n'),
    [
      'a.yaml:2:4  it is wrong. Make it right',
      '    2 | ab cde fg',
      '      |    ^^^',
      '',
      '1 mistake; nothing was run.',
      '',
    ].join('\n'),
  );
});

test('tabs before the word stay tabs, so that the carets stand under it', t => {
  t.true(formatMistakes([mistake], '\n\ta\tcde').includes('      | \t \t^^^\n'));
});

test('of a long line the part around the word is shown', t => {
  const text = `\n${'x'.repeat(500)} here`;
  const told = formatMistakes([{...mistake, column: 502, length: 4}], text);
  t.regex(told, /\| x{39} here\n {6}\| {41}\^\^\^\^\n/);
});

test('characters that would play with the terminal are not printed', t => {
  const told = formatMistakes([{...mistake, message: 'bad \u001b[31m'}], '\nab \u001b[2Jx\r\n');
  t.false(told.includes('\u001b'));
  t.false(told.includes('\r'));
});

test('after fifty mistakes the others are counted only', t => {
  const told = formatMistakes(
    Array.from({length: 60}, () => mistake),
    '',
  );
  t.true(told.endsWith('… and 10 more\n\n60 mistakes; nothing was run.\n'));
});

test('a mistake in a setting shows the setting', t => {
  const told = formatMistakes([{...mistake, file: '--set', line: 1}], 'unrelated', ['abccde=1']);
  t.true(told.startsWith('--set:1:4  it is wrong. Make it right\n    1 | abccde=1\n      |    ^^^\n'));
});

test('a mistake fits on one line for logs', t => {
  t.is(formatMistake(mistake), 'a.yaml:2:4  it is wrong. Make it right');
});

test('what is quoted is cut short', t => {
  t.is(quote('abc'), '"abc"');
  t.is(quote('x'.repeat(1_000)).length, 62);
});
