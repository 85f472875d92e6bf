import test from 'ava';
import {Counters} from '../../../models/tables/counters.ts';

test('a counter is made once, counts, and is listed in order of owner and name', t => {
  const counters = new Counters();
  const sent = counters.of('gw2', 'bfd packets sent');
  counters.add(sent);
  counters.add(counters.of('gw2', 'bfd packets sent'), 4);
  counters.add(counters.of('gw10', 'flood copies'), 2);
  counters.of('gw2', 'arp requests sent');
  t.deepEqual(counters.list(), [
    {owner: 'gw10', name: 'flood copies', value: 2},
    {owner: 'gw2', name: 'arp requests sent', value: 0},
    {owner: 'gw2', name: 'bfd packets sent', value: 5},
  ]);
  t.is(counters.value(sent), 5);
});

test('a counter that somebody keeps for himself is not listed', t => {
  const counters = new Counters();
  const own = counters.unlisted();
  counters.add(own, 3);
  t.is(counters.value(own), 3);
  t.deepEqual(counters.list(), []);
});
