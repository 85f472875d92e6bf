import test from 'ava';
import {seconds} from '../../../../../engine/time.ts';
import type {OpenVSwitch} from '../../../../../models/dataplane/ovs/open-vswitch.ts';
import type {World} from '../../../../../models/world/world.ts';
import {planOf, worldOf} from '../../../../support/clouds.ts';
import {neutronText} from '../../../../support/neutron-clouds.ts';

const quiet = ['traffic', 'routers', 'hosts', 'floating-ips'].map(section => [section, []] as const);

/** vm1 and vm3 on cn1, vm2 on cn2 on a VXLAN network; vm4 on cn2, vm5 on cn3 on a VLAN. Nobody talks. */
function cloudOf(options = ''): World {
  const text = neutronText(`{mechanism-driver: openvswitch${options}}`, Object.fromEntries(quiet), '300s');
  // DHCP servers have ports on network nodes, which these tests would have to count.
  return worldOf(planOf(text.replace(/(type: (?:vxlan|vlan)[^}]*)\}/g, '$1, dhcp: false}')));
}

function node(world: World, name: string) {
  return world.neutron.chassis.find(chassis => chassis.name === name)!;
}

/** What is in the bridges, whoever made it and in whatever order. */
function flowsOf({bridges}: OpenVSwitch): readonly string[] {
  return [...bridges]
    .flatMap(([name, bridge]) =>
      bridge.flows().map(({table, priority, match, actions}) => {
        const anonymous = actions.map(action => (action.kind === 'learn' ? {...action, cookie: ''} : action));
        return `${name} ${table} ${priority} ${JSON.stringify(match)} ${JSON.stringify(anonymous)}`;
      }),
    )
    .sort();
}

function cookiesOf({bridges}: OpenVSwitch): readonly (readonly [bridge: string, ...cookies: string[]])[] {
  return [...bridges].map(([name, bridge]) => [name, ...new Set(bridge.flows().map(({cookie}) => cookie))]);
}

for (const [way, options] of [
  ['L2 population', ''],
  ['its ARP responder', ', arp-responder: true'],
  ['learning', ', l2-population: false'],
] as const) {
  test(`with ${way} a new agent leaves the same flows behind, all of them its own`, t => {
    const world = cloudOf(options);
    const {ovs, daemons} = node(world, 'cn1');
    const [flows, cookies] = [flowsOf(ovs), cookiesOf(ovs)];
    world.advance(seconds(10));
    daemons['neutron-openvswitch-agent'].kill('test');
    world.advance(seconds(30));
    t.deepEqual(flowsOf(ovs), flows, 'without an agent nothing changes');
    daemons['neutron-openvswitch-agent'].release('test');
    world.advance(seconds(100));
    t.deepEqual(flowsOf(ovs), flows);
    for (const [index, [bridge, ...own]] of cookiesOf(ovs).entries()) {
      t.is(own.length, 1, bridge);
      t.false(cookies[index].includes(own[0]), bridge);
    }
  });

  test(`with ${way} a new ovs-vswitchd gets the same flows from the agent that is there`, t => {
    const world = cloudOf(options);
    const {ovs, daemons} = node(world, 'cn2');
    const flows = flowsOf(ovs);
    world.advance(seconds(10));
    daemons['ovs-vswitchd'].kill('test');
    world.advance(seconds(40));
    t.deepEqual(flowsOf(ovs), flows, 'what the kernel goes by does not change');
    daemons['ovs-vswitchd'].release('test');
    const startedAt = world.now;
    let emptyFor = 0;
    while (world.now < startedAt + seconds(5)) {
      world.advance(world.now + seconds(0.01));
      if (ovs.answering && flowsOf(ovs).length === 0) emptyFor += 10;
    }
    t.true(emptyFor > 30, `${emptyFor} ms without any flow`);
    world.advance(world.now + seconds(60));
    t.deepEqual(flowsOf(ovs), flows);
    const noticed = world.journal.entries.filter(({kind}) => kind === 'switch restart noticed');
    t.is(noticed.length, 1);
  });
}

test('a network is known, flooded to and tunnelled to where it has ports, and only there', t => {
  const world = cloudOf();
  const [old, far, fresh] = ['cn1', 'cn2', 'cn3'].map(name => node(world, name).ovs);
  const local = (ovs: OpenVSwitch) => ovs.flows('br-tun').filter(({match}) => match.tunnel === 1).length;
  const tunnels = (ovs: OpenVSwitch) => [...ovs.bridges.get('br-tun')!.ports.values()].map(({name}) => name).slice(1);
  const endpoint = (name: string) => `vxlan-${node(world, name).nic('underlay').address.toString(16).padStart(8, '0')}`;
  t.deepEqual([old, far, fresh].map(local), [1, 1, 0]);
  t.deepEqual([old, far, fresh].map(tunnels), [[endpoint('cn2')], [endpoint('cn1')], []]);
  for (const vm of ['vm1', 'vm3']) world.neutron.operate({what: 'move', to: 'cn3'}, vm);
  world.advance(seconds(30));
  t.deepEqual([old, far, fresh].map(local), [0, 1, 1]);
  t.deepEqual([old, far, fresh].map(tunnels), [[], [endpoint('cn3')], [endpoint('cn2')]]);
});

test('what an agent was told of an endpoint goes with the tunnel to it, and the late word of the old host changes nothing', t => {
  const world = cloudOf(', arp-responder: true');
  const {ovs} = node(world, 'cn1');
  const told = () =>
    [20, 21].map(table => ovs.flows('br-tun').filter(flow => flow.table === table && flow.priority > 0));
  t.deepEqual(
    told().map(flows => flows.length),
    [1, 1],
    'vm2 is on cn2',
  );
  world.neutron.operate({what: 'move', to: 'cn3'}, 'vm2');
  world.advance(seconds(0.1));
  t.deepEqual(told(), [[], []], 'its port is DOWN, and there is no other port on cn2');
  world.advance(seconds(30));
  t.deepEqual(
    told().map(flows => flows.length),
    [1, 1],
    'it is on cn3, and the agent of cn2 has said that it is gone',
  );
});

test('a network has a VLAN of its own on each host, and the segment never sees it', t => {
  const world = cloudOf();
  const vm = (name: string) => world.neutron.inventory.ports.find(({owner}) => owner === name)!.number;
  const [second, third] = ['cn2', 'cn3'].map(name => node(world, name).ovs);
  // vm2 was wired on cn2 before vm4, so vm4's network has the second VLAN there.
  t.deepEqual([second.tagOf(vm('vm2')), second.tagOf(vm('vm4')), third.tagOf(vm('vm5'))], [1, 2, 1]);
  const tags = [second, third].map(ovs => {
    const flow = ovs.flows('br-tenants').find(({priority}) => priority === 4)!;
    return [flow.match.vlan, flow.actions[0]];
  });
  t.deepEqual(tags, [
    [2, {kind: 'set vlan', vlan: 1001}],
    [1, {kind: 'set vlan', vlan: 1001}],
  ]);
});

test('an agent that cannot reach the bus keeps the flows of the one before', t => {
  const world = cloudOf();
  const {ovs, daemons} = node(world, 'cn1');
  const flows = flowsOf(ovs);
  world.neutron.central.daemons['rabbitmq-server'].kill('test');
  daemons['neutron-openvswitch-agent'].kill('test');
  world.advance(seconds(5));
  daemons['neutron-openvswitch-agent'].release('test');
  world.advance(seconds(100));
  t.deepEqual(flowsOf(ovs), flows);
  t.true(
    cookiesOf(ovs).some(([, ...cookies]) => cookies.length === 2),
    'those of networks are still the old ones',
  );
});
