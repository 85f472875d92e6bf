import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {RouterNamespace} from '../../../models/dataplane/linux/router-namespace.ts';
import {formatRoutes} from '../../../models/inspect/ip-route.ts';
import {formatNatTable} from '../../../models/protocols/iptables-save.ts';
import {runPlan} from '../../../scenarios/run.ts';
import type {World} from '../../../models/world/world.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const moved = {operations: ['there: {do: reschedule, router: r1, to: gw2, at: 10s}']};

/** A cloud whose hosts take so long for some steps. */
function textOf(steps: string, sections: Readonly<Record<string, readonly string[]>>): string {
  return neutronText('{}', sections, '60s').replace('host: busy', `host: {base: quiet, ${steps}}`);
}

function routerAt({neutron}: World, name: string): RouterNamespace | undefined {
  return neutron.chassis.find(chassis => chassis.name === name)?.linux.routers.get(0);
}

test('before its first rules a router forwards what it gets as it is and tracks nothing, so nothing goes on untranslated', t => {
  const text = textOf('l3-nat: 6s', moved);
  const world = worldOf(planOf(text));
  world.advance(seconds(16));
  const {translation} = routerAt(world, 'gw2')!;
  t.is(translation.table, undefined);
  t.is(translation.connections.count, 0);
  const {flows} = runPlan(planOf(text));
  const lost = (group: string) => flows.find(flow => flow.group === group)!.lost;
  // A packet each 50 ms. Between its networks the router forwards before it has rules.
  t.true(lost('routed') < 60, `${lost('routed')}`);
  t.true(lost('snat') > lost('routed') + 80 && lost('snat') < 220, `${lost('snat')}`);
});

test('the rule for the metadata service comes when all else of a router is done', t => {
  const world = worldOf(planOf(textOf('l3-nat: 6s', moved)));
  const rules = () => formatNatTable(routerAt(world, 'gw2')!.translation.table);
  world.advance(seconds(20));
  t.regex(rules(), /SNAT --to-source 10\.0\.2\.2 /);
  t.notRegex(rules(), /REDIRECT/);
  world.advance(seconds(28));
  t.regex(rules(), /REDIRECT/);
});

test('static routes come last; a default route among them takes the place of that by the gateway', t => {
  const routes = '[{prefix: 0.0.0.0/0, next-hop: 10.0.2.9}, {prefix: 9.9.0.0/16, next-hop: 172.16.100.200}]';
  const r1 = `r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front, back], agent: gw1, routes: ${routes}}`;
  const world = worldOf(planOf(textOf('l3-nat: 6s', {...moved, routers: [r1]})));
  const shown = (name: string) => formatRoutes(routerAt(world, name)!.namespace.routes()).split('\n');
  world.advance(seconds(1));
  const settled = shown('gw1');
  t.deepEqual(
    settled.filter(line => line.includes('via')).map(line => line.replace(/ dev .*/, '')),
    ['default via 10.0.2.9', '9.9.0.0/16 via 172.16.100.200'],
  );
  world.advance(seconds(16));
  t.deepEqual(
    shown('gw2')
      .filter(line => line.includes('via'))
      .map(line => line.replace(/ dev .*/, '')),
    ['default via 10.0.2.1'],
  );
  world.advance(seconds(40));
  t.deepEqual(shown('gw2'), settled);
});

test('several next hops of a prefix are one route', t => {
  const prefix = {address: 0x09_09_00_00, length: 16};
  const by = (via: number) => ({prefix, device: 'qg-1', via, source: undefined});
  t.is(
    formatRoutes([by(0x0a_00_02_09), by(0x0a_00_02_0a)], 'static'),
    '9.9.0.0/16 proto static \n' +
      '\tnexthop via 10.0.2.9 dev qg-1 weight 1 \n' +
      '\tnexthop via 10.0.2.10 dev qg-1 weight 1 \n',
  );
});
