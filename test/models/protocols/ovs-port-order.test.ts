import test from 'ava';
import {inPortOrder} from '../../../models/protocols/ovs-port-order.ts';

// The stamps of "admin_down->down" in 22 runs of the bench: cn1 first, gw2 last, cn2 and gw3 in either order.
test('ports are gone through as gw1 of the bench did', t => {
  const order = inPortOrder(['gw2', 'gw3', 'cn1', 'cn2'].map(peer => `ovn-${peer}-0`));
  t.is(order[0], 'ovn-cn1-0');
  t.is(order[3], 'ovn-gw2-0');
});

test('every port comes once, whatever the size of the table', t => {
  for (const count of [0, 1, 5, 6, 40, 1000]) {
    const names = Array.from({length: count}, (_, i) => `ovn-cn${i}-0`);
    t.deepEqual([...inPortOrder(names)].sort(), [...names].sort());
  }
});

test('the order is a matter of names and not of the order they come in', t => {
  const names = ['ovn-cn1-0', 'ovn-cn2-0', 'ovn-gw2-0'];
  t.deepEqual(inPortOrder([...names].reverse()), inPortOrder(names));
});
