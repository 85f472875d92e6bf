import test from 'ava';
import {Ledger} from '../../../engine/ledger.ts';
import {never} from '../../../engine/time.ts';
import {KeyedFacts, pair} from '../../../models/tables/keyed-facts.ts';

test('a key has one fact, whoever asks for it and when', t => {
  const facts = new KeyedFacts(new Ledger(true));
  t.is(facts.of(5), facts.of(5));
  t.not(facts.of(5), facts.of(6));
});

test('who relies on a key is told of it and of no other', t => {
  const ledger = new Ledger(true);
  const facts = new KeyedFacts(ledger);
  let told = 0;
  const repeat = {settle: () => undefined, resume: () => (told += 1), lastAt: () => -1, nextAt: () => never};
  ledger.hold(repeat, [facts.of(5)], []);
  facts.changed(6, 1);
  t.is(told, 0);
  facts.changed(5, 1);
  t.is(told, 1);
});

test('why a key changed is known to who asks later, if it was known then', t => {
  const ledger = new Ledger(true);
  const facts = new KeyedFacts(ledger);
  facts.changed(5, 42);
  facts.changed(6, 0);
  t.is(ledger.causeOf(facts.of(5)), 42);
  t.is(ledger.causeOf(facts.of(6)), 0);
});

test('pairs of row numbers do not meet', t => {
  const pairs = [0, 1, 0xffff].flatMap(a => [0, 1, 0xffff_ffff].map(b => pair(a, b)));
  t.is(new Set(pairs).size, pairs.length);
});
