import test from 'ava';
import {interfaceFor} from '../../../models/tables/topology.ts';
import {ip, smallTopology} from '../../support/small-topology.ts';

const topology = smallTopology({
  gateways: [['gw1', 'gw2'], ['gw2']],
  vms: [
    ['cn1', 'cn2'],
    ['cn1', 'cn3'],
  ],
});
const [outside, first, second] = topology.switches;

test('ports have the names, homes and keys that they were given, and gateway ports come after them', t => {
  t.is(topology.portCount, 4);
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map(port => topology.portName(port)),
    ['vm1', 'vm2', 'vm3', 'vm4', 'cr-r1', 'cr-r2'],
  );
  t.deepEqual(
    [0, 1, 2, 3].map(port => topology.chassis[topology.homeOf(port)]),
    ['cn1', 'cn2', 'cn1', 'cn3'],
  );
  t.deepEqual(topology.portsOn(second), [2, 3]);
});

test('a port is found by its address, its MAC and its key on its own switch only', t => {
  for (const port of [0, 1, 2, 3]) {
    const network = topology.switchOf(port);
    const other = network === first ? second : first;
    t.is(topology.portByAddress(network, topology.addressOf(port)), port);
    t.is(topology.portByAddress(other, topology.addressOf(port)), undefined);
    t.is(topology.portByMac(network, topology.macOf(port)), port);
    t.is(topology.portByMac(other, topology.macOf(port)), undefined);
    t.is(topology.portByKey(network, topology.keyOf(port)), port);
  }
  t.is(topology.portByKey(outside, 2), undefined);
});

test('router ports are found by their MAC and address on the switch that they are on', t => {
  const [router] = topology.routers;
  const [port] = router.interfaces;
  t.deepEqual(topology.routerPortByMac(first, port.mac), {router, port});
  t.is(topology.routerPortByMac(second, port.mac), undefined);
  t.is(topology.routerPortByAddress(first, port.address), port);
  t.is(interfaceFor(router, ip('172.16.1.77')), port);
  t.is(interfaceFor(router, ip('172.16.2.77')), undefined);
});

test('switches and routers are found by their datapath’s key', t => {
  for (const network of topology.switches) t.is(topology.switchByKey(network.key), network);
  for (const router of topology.routers) t.is(topology.routerByKey(router.key), router);
  t.is(topology.switchByKey(999), undefined);
});

test('floating addresses are found by address and port, and the central ones by router in their order', t => {
  const own = smallTopology({vms: [['cn1', 'cn2', 'cn1']]});
  const [router] = own.routers;
  own.addFloating({address: ip('10.0.2.101'), port: 2, router, mac: undefined});
  own.addFloating({address: ip('10.0.2.200'), port: 1, router, mac: 0x02_fb_00_00_00_01});
  own.addFloating({address: ip('10.0.2.100'), port: 0, router, mac: undefined});
  t.is(own.floating(ip('10.0.2.200')), own.floatingOf(1));
  t.is(own.floating(ip('10.0.2.201')), undefined);
  t.deepEqual(
    own.centralFloating(router).map(({port}) => port),
    [2, 0],
  );
});
