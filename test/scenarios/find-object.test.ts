import test from 'ava';
import type {Exhibit} from '../../models/inspect/exhibit.ts';
import {findObject} from '../../scenarios/find-object.ts';

const exhibits: readonly Exhibit[] = [
  exhibit([''], ['ovn-sbctl show', 'ovn-nbctl show']),
  exhibit(['gw1', 'gw2'], ['ip neigh', 'ovs-appctl bfd/show', 'bridge fdb', 'brctl show']),
  exhibit(['cn1'], ['ovs-ofctl dump-flows br-tun', 'ovs-appctl fdb/show br-int']),
  {
    ...exhibit(['gw1 qrouter-r1'], ['ip addr', 'ip route', 'iptables-save -t nat', 'conntrack -L']),
    alias: () => 'gw1 qrouter-8ddd3e61',
  },
  exhibit(['public gateway', 'public gateway 2'], ['ip neigh']),
  {...exhibit(['outside'], []), remark: 'have no stack of their own'},
];

function exhibit(places: readonly string[], tools: readonly string[]): Exhibit {
  return {title: '', places, tools: tools.map(words => ({words, show: place => `${words} of ${place}`}))};
}

const found: readonly (readonly [words: string, object: string])[] = [
  ['gw1 ip neigh', 'gw1 ip neigh'],
  ['  gw1   ip  neigh ', 'gw1 ip neigh'],
  ['gw1 ip n', 'gw1 ip neigh'],
  ['gw1 ip neighbour show', 'gw1 ip neigh'],
  ['gw2 bfd/show', 'gw2 ovs-appctl bfd/show'],
  ['gw1 fdb', 'gw1 bridge fdb'],
  ['gw1 bridge fdb show', 'gw1 bridge fdb'],
  ['gw1 brctl', 'gw1 brctl show'],
  ['cn1 ovs-ofctl dump-flows br-tun', 'cn1 ovs-ofctl dump-flows br-tun'],
  ['cn1 dump-flows br-tun', 'cn1 ovs-ofctl dump-flows br-tun'],
  ['cn1 br-tun', 'cn1 ovs-ofctl dump-flows br-tun'],
  ['cn1 fdb/show br-int', 'cn1 ovs-appctl fdb/show br-int'],
  ['ovn-sbctl show', 'ovn-sbctl show'],
  ['ovn-nbctl', 'ovn-nbctl show'],
  ['gw1 qrouter-r1 ip a', 'gw1 qrouter-r1 ip addr'],
  ['gw1 ip netns exec qrouter-r1 ip r', 'gw1 qrouter-r1 ip route'],
  ['gw1 ip netns exec qrouter-8ddd3e61 iptables-save', 'gw1 qrouter-r1 iptables-save -t nat'],
  ['gw1 qrouter-r1 conntrack -L', 'gw1 qrouter-r1 conntrack -L'],
  ['public gateway ip neigh', 'public gateway ip neigh'],
  ['public gateway 2 ip neigh', 'public gateway 2 ip neigh'],
];

for (const [words, object] of found) {
  test(`"${words}" means ${object}`, t => {
    t.like(findObject(exhibits, [words]), {object});
    t.like(findObject(exhibits, words.split(' ')), {object});
  });
}

const flaws: readonly (readonly [words: string, flaw: string])[] = [
  ['gw3 ip neigh', 'there is no "gw3" to look at. Did you mean "gw2"?'],
  ['quite another', 'there is no "quite" to look at.'],
  ['ovn-sbclt show', 'there is no "ovn-sbclt show" to look at. Did you mean "ovn-sbctl show"?'],
  ['gw1 qrouter-r2 ip addr', 'there is no "qrouter-r2" on gw1, at any time. Did you mean "qrouter-r1"?'],
  ['gw1 qdhcp-other ip addr', 'there is no "qdhcp-other" on gw1, at any time.'],
  ['gw2 qrouter-r1 ip addr', 'there is no "qrouter-r1" on gw2, at any time. Look on gw1.'],
  ['gw2 ip netns exec qrouter-8ddd3e61 ip a', 'there is no "qrouter-8ddd3e61" on gw2, at any time. Look on gw1.'],
  [
    'gw1 qrouter-r1 iptables -t nat -S',
    'gw1 qrouter-r1 cannot show "iptables -t nat -S". Did you mean "iptables-save -t nat"?',
  ],
  ['gw1 brctl show brq8ddd3e61', 'gw1 cannot show "brctl show brq8ddd3e61". Did you mean "brctl show"?'],
  ['gw1 qrouter-r1 ip link', 'gw1 qrouter-r1 cannot show "ip link". There are ip addr, ip route.'],
  ['gw1 ip neihg', 'gw1 cannot show "ip neihg". Did you mean "ip neigh"?'],
  ['gw1 qrouter-r1 ip rout', 'gw1 qrouter-r1 cannot show "ip rout". Did you mean "ip route"?'],
  ['gw1 uptime', 'gw1 cannot show "uptime". There are ip neigh, ovs-appctl bfd/show, bridge fdb, brctl show.'],
  ['gw1', 'what of gw1? There are ip neigh, ovs-appctl bfd/show, bridge fdb, brctl show.'],
  ['outside ip neigh', 'there is nothing to see of outside: such hosts have no stack of their own.'],
];

for (const [words, flaw] of flaws) {
  test(`"${words}" is told what is wrong`, t => {
    t.deepEqual(findObject(exhibits, words.split(' ')), {flaw});
  });
}

test('the tool is told the place as it is listed', t => {
  const object = findObject(exhibits, ['gw1 qrouter-8ddd3e61 ip addr']);
  t.is('flaw' in object ? object.flaw : object.show(), 'ip addr of gw1 qrouter-r1');
});
