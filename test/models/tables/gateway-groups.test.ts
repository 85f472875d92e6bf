import test from 'ava';
import fc from 'fast-check';
import {GatewayGroups} from '../../../models/tables/gateway-groups.ts';
import {routerKey, SouthboundContents, type SouthboundTable} from '../../../models/tables/southbound-contents.ts';
import {makeTopology} from '../../../models/world/ovn/make-topology.ts';
import type {WorldPlan} from '../../../models/world/world-plan.ts';
import {smallTopology} from '../../support/small-topology.ts';

const topology = smallTopology({
  gateways: [
    ['gw1', 'gw2', 'gw3'],
    ['gw2', 'gw1'],
  ],
  vms: [['cn1'], ['cn2']],
});
const tables: readonly SouthboundTable[] = ['HA_Chassis', 'Ref_Chassis', 'Port_Binding', 'Chassis'];

/** A group as the database says, row by row. */
function naive(contents: SouthboundContents, router: number, watermark: number) {
  const read = (table: SouthboundTable, chassis: number) =>
    contents.read(table, routerKey(router, chassis), watermark) === 1;
  const members = topology.routers[router].gateways.map(({chassis}) => chassis);
  return {
    members,
    present: members.filter(member => read('HA_Chassis', member)),
    references: [...topology.chassis.keys()].filter(chassis => read('Ref_Chassis', chassis)),
  };
}

test('at every watermark a group is as the database says, whatever is asked for and written when', t => {
  const write = fc.record({
    kind: fc.constant('write' as const),
    table: fc.constantFrom(...tables),
    router: fc.nat(1),
    chassis: fc.nat(topology.chassis.length - 1),
    value: fc.nat(1),
  });
  const ask = fc.record({kind: fc.constant('ask' as const), router: fc.nat(1), share: fc.nat(100)});
  fc.assert(
    fc.property(fc.array(fc.oneof(write, ask), {maxLength: 60}), script => {
      const contents = new SouthboundContents((_, key) => key % 2);
      const groups = new GatewayGroups(topology, contents);
      for (const step of script) {
        if (step.kind === 'write') {
          const {table, router, chassis, value} = step;
          contents.write({table, key: routerKey(router, chassis), value, cause: 0});
          continue;
        }
        const watermark = Math.round((contents.latest * step.share) / 100);
        const {router, members, present, references} = groups.at(topology.routers[step.router], watermark);
        t.is(router, topology.routers[step.router]);
        t.deepEqual({members, present: [...present], references}, naive(contents, step.router, watermark));
      }
    }),
  );
});

test('a group that did not change between two watermarks is the same one', t => {
  const contents = new SouthboundContents(() => 1);
  const groups = new GatewayGroups(topology, contents);
  const [first, second] = topology.routers;
  const before = groups.at(first, 0);
  contents.write({table: 'HA_Chassis', key: routerKey(1, 0), value: 0, cause: 0});
  contents.write({table: 'Port_Binding', key: 0, value: 0, cause: 0});
  t.is(groups.at(first, contents.latest), before);
  t.not(groups.at(second, 1), groups.at(second, 0));
  t.is(groups.at(second, 2), groups.at(second, 1));
});

test('a better priority comes first, and of two alike the name that sorts last', t => {
  const gateways = [
    ['gw2', 10],
    ['gw1', 20],
    ['gw10', 20],
    ['gw3', 20],
    ['gw4', 30],
  ] as const;
  const plan = {
    chassis: gateways.map(([name]) => ({name, role: 'gateway'})),
    networks: [],
    vms: [],
    floating: [],
    routers: [
      {
        name: 'r1',
        interfaces: [],
        external: undefined,
        gateways: gateways.map(([chassis, priority]) => ({chassis, priority})),
        snat: [],
        routes: [],
      },
    ],
  } as unknown as WorldPlan;
  const {chassis, routers} = makeTopology(plan);
  t.deepEqual(
    routers[0].gateways.map(gateway => chassis[gateway.chassis]),
    ['gw4', 'gw3', 'gw10', 'gw1', 'gw2'],
  );
});
