import test from 'ava';
import {MistakeList} from '../../scenarios/mistake-list.ts';
import {Source} from '../../scenarios/source.ts';
import {writeOut} from '../../scenarios/write-out.ts';
import {readTree, toPlain, type MapNode} from '../../scenarios/yaml-tree.ts';
import {scenarioOf, smallCloud} from './scenario-files.ts';

const sections = {named: new Set(['networks', 'vms']), templates: new Set(['vms'])};

/** What a file holds once its templates are written out, or its mistakes as `line:column message`. */
function written(text: string) {
  const mistakes = new MistakeList();
  const root = readTree(new Source('test.yaml', text), 0, mistakes) as MapNode;
  writeOut(root, sections, mistakes);
  const told = mistakes.mistakes.map(({line, column, message}) => `${line}:${column} ${message}`);
  return told.length > 0 ? told : toPlain(root);
}

test('a template where each name needs an entry of its own is written out, and $1 counts along', t => {
  t.deepEqual(written('networks:\n  n[1..3]: {cidr: 10.0.$1.0/24}'), {
    networks: {n1: {cidr: '10.0.1.0/24'}, n2: {cidr: '10.0.2.0/24'}, n3: {cidr: '10.0.3.0/24'}},
  });
});

test('$2 is the second range, and numbers stand as they stand in the name', t => {
  t.deepEqual(written('networks:\n  a[1..2]b[09..10]: {x: $1-$2-$2}'), {
    networks: {a1b09: {x: '1-09-09'}, a1b10: {x: '1-10-10'}, a2b09: {x: '2-09-09'}, a2b10: {x: '2-10-10'}},
  });
});

test('keys and items of lists count too, and what is nothing but digits is a number', t => {
  t.deepEqual(written('networks:\n  n[7..8]: {gw$1: [$1, 0x$1, 10$1]}'), {
    networks: {n7: {gw7: [7, '0x7', 107]}, n8: {gw8: [8, '0x8', 108]}},
  });
});

test('where a template is an entry for many alike, only what its values count is written out', t => {
  t.deepEqual(written('vms:\n  n[1..2]vm[1..1000]: {network: n$1}\n  x[1..9]: {network: n1}'), {
    vms: {'n1vm[1..1000]': {network: 'n1'}, 'n2vm[1..1000]': {network: 'n2'}, 'x[1..9]': {network: 'n1'}},
  });
});

test('sections without names and what is no template stay as they are', t => {
  const text = 'other:\n  n[1..3]: {x: $1}\nnetworks:\n  n[3..1]: {x: 1}\n  n[1..]: {x: 1}';
  t.deepEqual(written(text), {other: {'n[1..3]': {x: '$1'}}, networks: {'n[3..1]': {x: 1}, 'n[1..]': {x: 1}}});
});

test('what stands for a range that the name does not have is a mistake at its place', t => {
  t.deepEqual(written('networks:\n  n: {x: $1}\n  m[1..2]: {x: $1, y: [$3]}'), [
    '2:10 "$1" is what a range in the name counts, and "n" has no range',
    '3:24 "$3" is what a range in the name counts, and "m[1..2]" has one range',
  ]);
});

test('a name that is written out and stands there besides is there twice', t => {
  const text = 'networks:\n  n2: {x: 1}\n  n[1..3]: {x: 1}';
  t.deepEqual(written(text), ['3:3 "n2" stands here twice: first in line 2']);
});

test('many of a kind come to the same as if they were written one by one', t => {
  const short =
    'vms:\n  a[1..3]: {network: private, address: 172.16.100.10$1}\nfloating-ips:\n  10.0.2.[101..103]: {vm: vm$1}\n';
  const long = [1, 2, 3].map(number => `  a${number}: {network: private, address: 172.16.100.10${number}}\n`).join('');
  const ips = [101, 102, 103].map(number => `  10.0.2.${number}: {vm: vm${number}}\n`).join('');
  const rest = '  vm[101..103]: {network: private}\n';
  t.deepEqual(
    scenarioOf(smallCloud + short.replace('floating', `${rest}floating`)),
    scenarioOf(`${smallCloud}vms:\n${long}${rest}floating-ips:\n${ips}`),
  );
});
