import test from 'ava';
import {align, fits, wrap} from '../../reports/columns.ts';

test('columns are as wide as their widest cell, numbers to the right, without blanks at the ends of lines', t => {
  const rows = [
    ['snat', '1', 'x'],
    ['a long name', '1000', ''],
  ];
  t.is(
    align(['flow', 'n', 'end'], rows, new Set([0, 2])),
    'flow            n  end\nsnat            1  x\na long name  1000',
  );
});

test('a text fits if its longest line does', t => {
  t.true(fits('abc\nabcd', 4));
  t.false(fits('abc\nabcd', 3));
  t.true(fits('abc', Infinity));
});

test('long lines are broken at blanks, with an indent from the second on', t => {
  const line = '  12.345  the quick brown fox jumps over the lazy dog and does it again';
  const broken = wrap(line, 40, 10).split('\n');
  t.deepEqual(broken, ['  12.345  the quick brown fox jumps over', '          the lazy dog and does it again']);
});

test('what cannot be broken is left whole', t => {
  t.is(wrap(`  ${'x'.repeat(60)}`, 40, 2), `  ${'x'.repeat(60)}`);
  t.is(wrap('a b c', Infinity, 0), 'a b c');
  t.is(wrap('one two three four', 10, 8), 'one two three four');
});
