import test from 'ava';
import {L2Population} from '../../../../models/control/neutron/l2-population.ts';
import type {Population} from '../../../../models/control/neutron/messages.ts';
import {traitsOf} from '../../../../models/control/neutron/releases.ts';
import {NeutronContents} from '../../../../models/tables/neutron-contents.ts';
import {inventory} from './neutron-bench.ts';

const [blue, green] = [0, 1];
const [cn1, cn2, gw1] = [0, 1, 2];
const [vm1, vm2, , inner, outer] = [0, 1, 2, 3, 4];

/** Endpoints are the chassis' numbers, for reading. */
function begin(): {readonly contents: NeutronContents; readonly population: L2Population} {
  const contents = new NeutronContents(inventory, {
    routers: [[2], [2]],
    floating: [0],
    l2Agents: [0, 1, 2],
    l3Agents: [2],
  });
  return {contents, population: new L2Population(contents, inventory, [cn1, cn2, gw1, undefined], traitsOf('caracal'))};
}

function told(population: Population | undefined): readonly string[] | undefined {
  return population?.behind.map(({endpoint, flood, ports}) => {
    const owners = ports.map(port => inventory.ports.find(({mac}) => mac === port.mac)!.owner);
    return `${inventory.chassis[endpoint]}${flood ? ' flood' : ''} ${owners.join(' ')}`;
  });
}

test('the first wired port of a host brings it the whole network, and it to the others', t => {
  const news = begin().population.portUp(vm2, cn2);
  t.deepEqual(told(news?.forHost), ['cn1 flood vm1', 'gw1 flood r1']);
  t.deepEqual(told(news?.forAll), ['cn2 flood vm2']);
});

test('the third wired port of a host is told to the others only', t => {
  const {contents, population} = begin();
  for (const port of [vm1, inner]) contents.bind(port, cn2);
  const news = population.portUp(inner, cn2);
  t.is(news?.forHost, undefined);
  t.deepEqual(told(news?.forAll), ['cn2 r1']);
});

test('what is not wired is not in the list', t => {
  const {contents, population} = begin();
  contents.setStatus(inner, 'BUILD');
  t.deepEqual(told(population.fullList(blue, cn2)), ['cn1 flood vm1']);
});

test('the last port of a host takes the flooding with it, unless its router is to stay', t => {
  const {contents, population} = begin();
  contents.setStatus(inner, 'DOWN');
  t.deepEqual(told(population.portDown(inner, gw1)), ['gw1 flood r1']);
  t.deepEqual(told(population.portDown(inner, gw1, true)), ['gw1 r1']);
  contents.bind(vm1, cn2);
  t.deepEqual(told(population.portDown(vm1, cn2)), ['cn2 vm1']);
});

test('networks without tunnels and hosts without an endpoint are left out', t => {
  const {contents, population} = begin();
  t.is(population.portUp(outer, gw1), undefined);
  contents.bind(inner, 3);
  t.is(population.portUp(inner, 3), undefined);
  t.deepEqual(told(population.fullList(blue, cn2)), ['cn1 flood vm1']);
  t.deepEqual(population.networksAt(cn2), [blue, green]);
});
