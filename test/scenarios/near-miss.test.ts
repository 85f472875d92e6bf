import test from 'ava';
import {didYouMean, nearest} from '../../scenarios/near-miss.ts';

test('the name that takes the fewest slips is offered', t => {
  t.is(nearest('bfd-mlut', ['bfd-mult', 'bfd-min-rx']), 'bfd-mult');
  t.is(nearest('gatway', ['compute', 'gateway', 'controller']), 'gateway');
  t.is(nearest('Gateway', ['gateway']), 'gateway');
  t.is(didYouMean('prvate', ['private', 'public']), 'Did you mean "private"?');
});

test('of names that are equally near the one with the nearest number is offered', t => {
  t.is(nearest('gw4', ['gw1', 'gw2', 'gw3']), 'gw3');
  t.is(nearest('vm1001', ['vm100', 'vm101', 'vm1000']), 'vm1000');
});

test('a name that is too different is not offered', t => {
  t.is(nearest('storage', ['private', 'public']), undefined);
  t.is(nearest('ab', ['cd', 'x']), undefined);
  t.is(nearest('x', ['y']), undefined);
  t.is(nearest('', ['a']), undefined);
  t.is(nearest('a'.repeat(100), ['a'.repeat(100)]), undefined);
});
