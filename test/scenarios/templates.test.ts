import test from 'ava';
import {countNames, Expansion, parseName, parseTemplate} from '../../scenarios/templates.ts';

const expand = (text: string) => {
  const names = new Expansion().expand(text);
  return 'value' in names ? names.value : names.flaw;
};

test('a template stands for the names in its range', t => {
  t.deepEqual(expand('cn[1..3]'), ['cn1', 'cn2', 'cn3']);
  t.deepEqual(expand('cn[9..11]-a'), ['cn9-a', 'cn10-a', 'cn11-a']);
  t.deepEqual(expand('vm'), ['vm']);
});

test('leading zeros are kept', t => {
  t.deepEqual(expand('vm[08..11]'), ['vm08', 'vm09', 'vm10', 'vm11']);
  t.deepEqual(expand('vm[00..02]'), ['vm00', 'vm01', 'vm02']);
  t.deepEqual(expand('vm[0..2]'), ['vm0', 'vm1', 'vm2']);
});

test('of several ranges the last counts fastest', t => {
  t.deepEqual(expand('r[1..2]vm[1..3]'), ['r1vm1', 'r1vm2', 'r1vm3', 'r2vm1', 'r2vm2', 'r2vm3']);
  t.deepEqual(expand('a[1..2][1..2]'), ['a11', 'a12', 'a21', 'a22']);
});

test('a range that counts down is refused', t => {
  t.deepEqual(countNames('cn[3..1]'), {flaw: '"cn[3..1]" counts down', hint: 'Write [1..3]'});
});

test('a template for more than a million names is refused without writing it out', t => {
  t.is(expand('vm[1..999999999]'), '"vm[1..999999999]" stands for 999,999,999 names: at most 1,000,000');
  t.is(
    expand('a[1..9999]b[1..9999]c[1..9999]'),
    '"a[1..9999]b[1..9999]c[1..9999]" stands for 999,700,029,999 names: at most 1,000,000',
  );
  t.is(expand(`vm[1..${'9'.repeat(400)}]`)?.slice(-48), 'stands for far too many names: at most 1,000,000');
  t.is(expand('vm[1..1000000]').length, 1_000_000);
});

test('all templates of a file together have a limit', t => {
  const expansion = new Expansion();
  for (let round = 0; round < 4; round++) t.true('value' in expansion.expand('vm[1..1000000]'));
  t.deepEqual(expansion.expand('vm'), {flaw: 'this file stands for more than 4,000,000 names'});
});

test('what is no template is refused', t => {
  for (const text of ['vm[1..]', 'vm[..2]', 'vm[1]', 'vm[1-3]', 'vm[a..c]', 'vm[1..2', '[1..2]', 'vm[-1..2]', '']) {
    t.true('flaw' in parseTemplate(text), text);
  }
});

test('names begin with a letter and are not words that mean something', t => {
  for (const text of ['vm1', 'A', 'ovn-chassis_1']) t.deepEqual(parseName(text), {value: text});
  for (const text of ['1vm', '-a', 'a.b', 'a b', 'ä', '', 'a'.repeat(64)]) {
    t.true('flaw' in parseName(text), text);
  }
  for (const text of ['switch', 'spread', 'pack', 'random']) t.true('flaw' in parseTemplate(text), text);
});
