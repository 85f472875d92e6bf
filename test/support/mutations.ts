import {milliseconds} from '../../engine/time.ts';
import type {SouthboundTable} from '../../models/tables/southbound-contents.ts';
import {none, routerKey} from '../../models/tables/southbound-contents.ts';
import type {Ipv4} from '../../models/wire/ipv4.ts';
import {formatMac, type Mac} from '../../models/wire/mac.ts';
import type {World} from '../../models/world/world.ts';
import {arpFrame, commonMutations, type Mutation} from './common-mutations.ts';
import type {Luck} from './luck.ts';

/** What can happen to a cloud of OVN. */
export const mutations: Readonly<Record<string, Mutation>> = {
  ...commonMutations({gatewaysOf, outsideOf}),

  'packet out': (world, luck) => {
    const {bridge, name} = luck.pick(world.ovn.chassis);
    const [router] = world.ovn.topology.routers;
    const {external} = router;
    if (!external) return undefined;
    const frame = arpFrame(luck, external.mac, external.address, external.address, 0);
    bridge.packetOut({router, into: 'switch', frame, sender: `${name}/test`, number: world.now});
    return `announcement by ${name}`;
  },

  tunnel: (world, luck) => {
    const {tunnels, name} = luck.pick(world.ovn.chassis);
    const peer = luck.whole(0, world.ovn.chassis.length - 1);
    if (peer === tunnels.chassis) return undefined;
    if (luck.happens(0.3)) tunnels.remove(peer);
    else tunnels.add(peer, luck.happens(0.5));
    return `tunnel ${name} ${world.ovn.chassis[peer].name} ${tunnels.exists(peer)} ${tunnels.enabled(peer)}`;
  },

  'tunnel neighbour': (world, luck) => {
    const {tunnels, name} = luck.pick(world.ovn.chassis);
    const peer = luck.pick(world.ovn.chassis);
    const {address, mac} = peer.nic('underlay');
    const senderMac = luck.happens(0.5) ? mac : 0x02_de_ad_00_00_01;
    tunnels.hear({kind: 'arp', operation: 'reply', senderIp: address, senderMac, targetIp: address, targetMac: 0});
    return `${name} hears of ${peer.name} at ${formatMac(senderMac)}`;
  },

  'the database': (world, luck) => {
    const {management, name} = luck.pick(world.ovn.chassis);
    const stream = world.ovn.central.connectSettled(`${name}/test`, management);
    const change = someChange(world, luck);
    stream.send({kind: 'transact', number: 1, writes: [{...change, cause: 0}]});
    world.advance(world.now + milliseconds(luck.pick([1, 100, 600])));
    return `written: ${JSON.stringify(change)}`;
  },

  flows: (world, luck) => {
    const {number, name, daemons} = luck.pick(world.ovn.chassis);
    daemons['ovn-controller'].hang('test');
    world.advance(world.now + milliseconds(300));
    const change = someChange(world, luck);
    const watermark = world.ovn.contents.write({...change, cause: 0});
    const residents = new Set(world.ovn.topology.routers.map(router => router.number).filter(() => luck.happens(0.5)));
    world.ovn.flows.install(number, {watermark, residents}, 0);
    return `flows of ${name}: ${[...residents].join(' ')} ${JSON.stringify(change)}`;
  },

  'flows cleared': (world, luck) => {
    const {number, name} = luck.pick(world.ovn.chassis);
    world.ovn.flows.clear(number, 0);
    return `flows of ${name} cleared`;
  },

  connections: (world, luck) => {
    const {bridge, name} = luck.pick(world.ovn.chassis);
    bridge.forgetConnections();
    return `${name} forgets its connections`;
  },
};

function outsideOf({ovn: {topology}}: World): readonly (readonly [Ipv4, Mac])[] {
  return topology.routers.flatMap(router => {
    if (!router.external) return [];
    const {address, mac} = router.external;
    const floating = Array.from({length: topology.portCount}, (_, port) => topology.floatingOf(port));
    return [[address, mac], ...floating.flatMap(own => (own ? [[own.address, own.mac ?? mac] as const] : []))];
  });
}

function gatewaysOf({ovn: {topology}}: World): readonly {readonly mac: Mac; readonly address: Ipv4}[] {
  return topology.routers.flatMap(({interfaces}) => interfaces);
}

function someChange(
  {ovn: {topology, chassis}}: World,
  luck: Luck,
): {readonly table: SouthboundTable; readonly key: number; readonly value: number} {
  const router = luck.pick(topology.routers);
  const place = luck.whole(none, chassis.length - 1);
  switch (luck.whole(0, 3)) {
    case 0:
      return {table: 'Port_Binding', key: luck.whole(0, topology.portCount), value: place};
    case 1:
      return {
        table: 'HA_Chassis',
        key: routerKey(router.number, luck.pick(router.gateways).chassis),
        value: luck.whole(0, 1),
      };
    case 2:
      return {table: 'Route', key: routerKey(router.number, 0), value: luck.whole(0, 1)};
    default: {
      const address = luck.pick([0x0a00_0201, 0x0a00_0209]);
      const mac = luck.happens(0.3) ? none : 0x0a_00_04_00_00_01 + luck.whole(0, 2);
      return {table: 'MAC_Binding', key: routerKey(router.number, address), value: mac};
    }
  }
}
