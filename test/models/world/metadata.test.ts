import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {exhibitsOf} from '../../../models/inspect/exhibits.ts';
import {findObject} from '../../../scenarios/find-object.ts';
import {mistakesOf} from '../../scenarios/scenario-files.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

const isolated = ['lonely: {type: vxlan, cidr: 172.16.102.0/24}'];
const networks = [
  'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
  'front: {type: vxlan, cidr: 172.16.100.0/24}',
];

function text({
  options = '{enable-isolated-metadata: true}',
  vm1 = '',
  traffic = 'protocol: tcp',
  ha = false,
} = {}): string {
  return neutronText(options, {
    segments: [],
    networks: [...networks, ...isolated],
    routers: [
      `r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front], ${ha ? 'ha: true' : 'agent: gw1'}}`,
    ],
    vms: ['vm1: {network: front, placement: cn1}', `vm2: {network: lonely, placement: cn2${vm1}}`],
    'floating-ips': [],
    traffic: [
      `routed: {from: vm1, to: metadata, every: 100ms, ${traffic}}`,
      `lonely: {from: vm2, to: metadata, every: 100ms, ${traffic}}`,
    ],
  });
}

function show(world: World, object: string): string {
  const found = findObject(exhibitsOf(world), object.split(' '));
  if ('flaw' in found) throw new Error(found.flaw);
  return found.show();
}

const lostOf = (world: World): readonly number[] => world.results().map(({lost}) => lost);

test('the proxies in qrouter and in qdhcp answer, behind REDIRECT and at the address itself', t => {
  for (const pattern of ['ping-pong', 'connect']) {
    const world = worldOf(planOf(text({traffic: `protocol: tcp, pattern: ${pattern}`})));
    world.advance(seconds(10));
    t.deepEqual(lostOf(world), [0, 0], pattern);
    t.true(world.results().every(({delivered}) => delivered > 95));
    t.regex(show(world, 'gw1 qrouter-r1 ss -tln'), /LISTEN\s+0\s+1024\s+0\.0\.0\.0:9697/);
    const dhcp = world.neutron.chassis.find(({linux}) => [...linux.dhcp.values()].some(({proxy}) => proxy.runs))!;
    t.regex(show(world, `${dhcp.name} qdhcp-lonely ss -tln`), /169\.254\.169\.254:80/);
    for (const gw of ['gw1', 'gw2']) t.notRegex(show(world, `${gw} qdhcp-front ss -tln`), /LISTEN/);
    t.regex(show(world, 'gw1 qrouter-r1 conntrack -L'), /dst=169\.254\.169\.254 .*dport=80 .*sport=9697/);
  }
});

test('a highly available router answers where it is primary', t => {
  const world = worldOf(planOf(text({ha: true})));
  world.advance(seconds(10));
  t.is(lostOf(world)[0], 0);
  t.is(world.neutron.chassis.filter(({linux}) => linux.runsRouterProxy(0)).length, 1);
});

test('without the agent the proxies answer 503, and wait while it hangs', t => {
  for (const [how, reason] of [
    ['kill', 'service unavailable'],
    ['hang', 'late'],
  ] as const) {
    const world = worldOf(planOf(text()));
    world.advance(seconds(5));
    const [gw1] = world.neutron.chassis;
    gw1.daemons['neutron-metadata-agent'][how]('test');
    world.advance(seconds(10));
    const [routed] = world.results();
    t.deepEqual(
      routed.drops.map(drop => drop.reason),
      [reason],
      how,
    );
    t.true(routed.lost >= 38 && routed.lost <= 50);
    if (how === 'kill') gw1.daemons['neutron-metadata-agent'].release('test');
    else gw1.daemons['neutron-metadata-agent'].resume('test');
    world.advance(seconds(30));
    const {lost} = world.results()[0];
    world.advance(seconds(40));
    t.is(world.results()[0].lost, lost, 'it answers again');
  }
});

test('where nobody listens behind REDIRECT the kernel refuses', t => {
  const world = worldOf(planOf(text()));
  world.advance(seconds(5));
  world.neutron.chassis[0].linux.runRouterProxy(0, false);
  world.advance(seconds(15));
  const [routed, lonely] = world.results();
  t.true(routed.lost > 90);
  t.true((routed.connections?.refused ?? 0) > 5);
  t.is(lonely.lost, 0);
});

test('who could never be answered is told so before the run', t => {
  const [message] = mistakesOf(text({options: '{}'}));
  t.regex(message, /nobody answers for the metadata service on lonely of vm2/);
  t.regex(mistakesOf(text({vm1: ', addressing: static'}))[0], /vm2 has no route to the metadata service/);
  t.regex(mistakesOf(text({traffic: 'protocol: udp-echo'}))[0], /the metadata service is asked by tcp/);
  t.regex(mistakesOf(text({traffic: 'protocol: tcp, port: 8080'}))[0], /leave out "port"/);
  t.regex(mistakesOf(text({traffic: 'protocol: tcp, pattern: upload'}))[0], /answers what it is asked/);
});
