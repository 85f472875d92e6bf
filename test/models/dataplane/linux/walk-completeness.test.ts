import test from 'ava';
import {milliseconds, seconds} from '../../../../engine/time.ts';
import {setName} from '../../../../models/protocols/port-filter.ts';
import type {GroupRule} from '../../../../models/protocols/security-group.ts';
import type {NeutronCloud} from '../../../../models/world/neutron/neutron-cloud.ts';
import type {World} from '../../../../models/world/world.ts';
import {planOf, worldOf} from '../../../support/clouds.ts';
import {HeldProbe} from '../../../support/held-probe.ts';
import type {Luck} from '../../../support/luck.ts';
import {neutronText} from '../../../support/neutron-clouds.ts';
import {neutronMutations} from '../../../support/neutron-mutations.ts';
import {answerOf, probeOf, sendProbe, someProbe} from '../../../support/probe.ts';
import {kindsIn} from '../../../support/traced-passage.ts';
import {Walk} from '../../../support/walk.ts';

/** Reliances that no test could miss, and why. */
const needless: Readonly<Record<string, string>> = {
  'namespace sendToGroup: this.#interfacesFact':
    'only keepalived sends so, and cards and processes go with its host, and tell',
  'namespace arrive: this.#interfacesFact':
    'what is for one host relies on addresses too, which change with the interfaces',
  'linux-bridges #fromProvider: this.#uplinksFact':
    'of copies for hosts without the network: another may want them later',
  'metadata-proxy receive: this.#fact': 'probes ask no service; metadata.test.ts and neutron-metadata hold it',
  'metadata-proxy receive: this.#agent.fact': 'the same',
  'linux-bridges plug: this.#factOf(number)': 'a bridge forgets what is behind a tap that goes; this says why',
};

const walk = new Walk({worlds: 50, also: [52, 67, 69, 74, 93], mutations: neutronMutations, someWorld, someProbe});

test.serial("whatever changes a packet's fate in a cloud of Neutron tells it", t => {
  walk.run(t);
  t.deepEqual(walk.harmless, [], 'mishaps that never did any harm');
});

const rareEvents: readonly {
  readonly name: string;
  prepare(cloud: NeutronCloud): void;
  happens(cloud: NeutronCloud): void;
}[] = [
  {
    name: 'a VM that moves between hosts of which none has wired it',
    prepare: cloud => {
      cloud.operate({what: 'move', to: 'cn2'}, 'vm1');
    },
    happens: cloud => {
      cloud.operate({what: 'move', to: 'cn3'}, 'vm1');
    },
  },
  {
    name: 'a VM in whose place there is another machine',
    prepare: () => undefined,
    happens: cloud => {
      cloud.operate({what: 'replace', mac: 0x02_00_03_00_00_01}, 'vm2');
    },
  },
  {
    name: 'an endpoint to flood to, where there was none',
    prepare: cloud => {
      const {bridges, network, mac, endpoint} = wayToVm2(cloud);
      bridges.removeRemote(network, mac, endpoint);
      for (const {remotes} of bridges.vxlans.get(network)?.entries() ?? []) {
        for (const remote of remotes) bridges.removeFlood(network, remote);
      }
    },
    happens: cloud => {
      const {bridges, network, endpoint} = wayToVm2(cloud);
      bridges.addFlood(network, endpoint);
    },
  },
  {
    name: 'a route to the other end of a tunnel',
    prepare: () => undefined,
    happens: cloud => {
      const {root, endpoint} = wayToVm2(cloud);
      const prefix = {address: endpoint, length: 32};
      root.addRoute({prefix, device: 'underlay', via: endpoint + 100, source: undefined});
    },
  },
  {
    name: 'a tap that is put into its bridge',
    prepare: cloud => {
      const {bridges, vm1} = wayToVm2(cloud);
      bridges.unplug(vm1);
    },
    happens: cloud => {
      const {bridges, vm1} = wayToVm2(cloud);
      bridges.plug(vm1);
    },
  },
  {
    name: 'an address that goes from the set of a remote group',
    prepare: cloud => {
      const {firewall} = wayToVm2(cloud);
      const {filters, zones} = firewall;
      const rules: readonly GroupRule[] = [{direction: 'egress', remoteGroup: 'friends'}, {direction: 'ingress'}];
      firewall.restore({...filters, rules: new Map([...filters.rules.keys()].map(id => [id, rules]))}, zones);
      firewall.setMembers(setName('friends'), [{address: 0, length: 0}]);
      firewall.deleteConnections({});
    },
    happens: cloud => {
      wayToVm2(cloud).firewall.setMembers(setName('friends'), []);
    },
  },
];

for (const {name, prepare, happens} of rareEvents) {
  test.serial(`${name} tells the packets that it concerns`, t => {
    const world = worldOf(planOf(neutronText('{}', {traffic: []}, '100s')));
    const {neutron} = world;
    for (const {daemons} of neutron.chassis) daemons['neutron-linuxbridge-agent'].kill('test');
    const there = probeOf(world, 'vm1', 'vm2');
    for (let tries = 0; tries < 4; tries++) {
      const {arrived} = sendProbe(world.ground, there);
      const back = arrived && answerOf(world, arrived);
      if (back) sendProbe(world.ground, back);
      world.advance(world.now + seconds(1));
    }
    prepare(neutron);
    sendProbe(world.ground, there);
    const held = HeldProbe.send(world, there);
    if (!held) return t.fail('the packet is not repeatable to begin with');
    happens(neutron);
    const again = held.again();
    t.true(again.differs, 'nothing happened to the packet');
    walk.judge(t, held, again, [name]);
  });
}

test.serial('each kind of fact that packets rely on is needed: without it something would go unnoticed', t => {
  const kinds = [...kindsIn('dataplane/linux'), ...kindsIn('world/neutron')];
  t.deepEqual(
    kinds.filter(kind => !walk.isNeeded(kind) && !(kind in needless)),
    [],
  );
});

/** How cn1 knows where vm2 is. */
function wayToVm2({chassis, inventory}: NeutronCloud) {
  const port = (name: string) => inventory.ports.find(({owner}) => owner === name)!;
  const {network, mac} = port('vm2');
  const host = (name: string) => chassis.find(candidate => candidate.name === name)!;
  const {bridges, root, firewall} = host('cn1');
  const endpoint = host('cn2').nic('underlay').address;
  return {bridges, root, firewall, network, mac, endpoint, vm1: port('vm1').number};
}

function someWorld(luck: Luck, seed: number): World {
  const population = luck.pick(['{}', '{arp-responder: true}', '{l2-population: false}']);
  const back = luck.pick(['vxlan', 'vlan, vlan: 1001, segment: tenants']);
  const text = neutronText(
    population,
    {
      segments: ['tenants: {kind: provider, cidr: 10.9.0.0/24}'],
      networks: [
        'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
        'front: {type: vxlan, cidr: 172.16.100.0/24, dhcp: false}',
        `back: {type: ${back}, cidr: 172.16.101.0/24, dhcp: false}`,
      ],
      traffic: [
        `out: {from: vm1, to: outside, every: 50ms, start: ${luck.pick(['0s', '90000s'])}}`,
        'in: {from: [near, outside], to: [10.0.2.100, 10.0.2.101], protocol: icmp-echo, every: 70ms}',
      ],
    },
    '100000s',
  );
  const world = worldOf(planOf(text, seed));
  world.advance(milliseconds(luck.whole(0, 8_000)));
  return world;
}
