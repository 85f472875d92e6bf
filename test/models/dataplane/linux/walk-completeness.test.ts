import test from 'ava';
import {setName} from '../../../../models/protocols/port-filter.ts';
import type {GroupRule} from '../../../../models/protocols/security-group.ts';
import type {RouterNamespace} from '../../../../models/dataplane/linux/router-namespace.ts';
import type {NeutronCloud} from '../../../../models/world/neutron/neutron-cloud.ts';
import type {World} from '../../../../models/world/world.ts';
import type {Luck} from '../../../support/luck.ts';
import {neutronMutations} from '../../../support/neutron-mutations.ts';
import {someProbe} from '../../../support/probe.ts';
import {kindsIn} from '../../../support/traced-passage.ts';
import {someNeutronWorld, testRareEvents, type RareEvent} from '../../../support/neutron-walk.ts';
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
  'linux-bridges plug: fact': 'a bridge forgets what is behind a tap that goes; this says why',
};

const walk = new Walk({worlds: 50, also: [52, 67, 69, 74, 93], mutations: neutronMutations, someWorld, someProbe});

test.serial("whatever changes a packet's fate in a cloud of Neutron tells it", t => {
  walk.run(t);
  t.deepEqual(walk.harmless, [], 'mishaps that never did any harm');
});

const rareEvents: readonly RareEvent[] = [
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
    name: 'the first rules of a router',
    to: 'vm4',
    prepare: cloud => {
      routerOf(cloud).translation.table = undefined;
    },
    happens: cloud => {
      routerOf(cloud).writeRules(new Map(), true);
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

testRareEvents(walk, 'linuxbridge', rareEvents);

test.serial('each kind of fact that packets rely on is needed: without it something would go unnoticed', t => {
  const kinds = [...kindsIn('dataplane/linux'), ...kindsIn('world/neutron')];
  t.deepEqual(
    kinds.filter(kind => !walk.isNeeded(kind) && !(kind in needless)),
    [],
  );
});

function routerOf({chassis}: NeutronCloud): RouterNamespace {
  return chassis.flatMap(({linux}) => [...linux.routers.values()])[0];
}

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
  return someNeutronWorld(luck.pick(['{}', '{arp-responder: true}', '{l2-population: false}']), luck, seed);
}
