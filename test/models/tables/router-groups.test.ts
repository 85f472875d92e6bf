import test from 'ava';
import {routerGroups} from '../../../models/tables/router-groups.ts';
import {Topology, type LogicalRouter, type LogicalSwitch} from '../../../models/tables/topology.ts';
import {ip, smallTopology} from '../../support/small-topology.ts';

/** Routers by the names of the switches that they join, the external one last, and the switch of each VM port. */
function topologyOf(routers: readonly string[], vms = ''): Topology {
  const names = [...new Set([...routers.join('')])].sort();
  const switches = names.map((name, number): LogicalSwitch => {
    const cidr = {address: ip(`10.0.${number}.0`), length: 24};
    return {number, name, key: 1 + number, cidr, segment: undefined, vlan: undefined};
  });
  const named = (name: string): LogicalSwitch => switches[names.indexOf(name)];
  const port = (name: string, mac: number) => ({switch: named(name), address: named(name).cidr.address + mac, mac});
  const made = routers.map((joined, number): LogicalRouter => {
    const ports = [...joined].map((name, index) => port(name, 1 + number * 16 + index));
    return {
      number,
      name: `r${number + 1}`,
      key: 100 + number,
      interfaces: ports.slice(0, -1),
      external: ports.at(-1),
      gateways: [],
      gatewayPort: vms.length + number,
      gatewayKey: 3,
      snat: new Set(),
      routes: [],
    };
  });
  const topology = new Topology(['cn1'], switches, made);
  [...vms].forEach((name, index) => {
    topology.addPort(`vm${index}`, named(name), named(name).cidr.address + 100 + index, 0x100 + index, 0);
  });
  return topology;
}

function groupsOf(routers: readonly string[], vms = ''): string[] {
  return routerGroups(topologyOf(routers, vms)).map(({routers: members, ports}) =>
    [...members.map(({name}) => name), ...ports].join(' '),
  );
}

test('a router that shares no switch with another is alone', t => {
  t.deepEqual(groupsOf(['ax', 'by'], 'aab'), ['r1 0 1', 'r2 2']);
});

test('an external network joins routers as any switch does', t => {
  t.deepEqual(groupsOf(['ax', 'bx', 'cy'], 'abc'), ['r1 r2 0 1', 'r3 2']);
});

test('routers are together by way of others, wherever these stand in the list', t => {
  t.deepEqual(groupsOf(['ax', 'cz', 'by', 'xcq', 'zbw']), ['r1 r2 r3 r4 r5']);
});

test('ports on an external network count as well', t => {
  t.deepEqual(groupsOf(['ax'], 'xa'), ['r1 1 0']);
});

test('routers of a small cloud share its external network', t => {
  const topology = smallTopology({gateways: [['gw1'], ['gw1'], ['gw2']], vms: [['cn1'], ['cn2'], []]});
  t.deepEqual(
    routerGroups(topology).map(({routers, ports}) => [routers.length, [...ports]]),
    [[3, [0, 1]]],
  );
});
