import test from 'ava';
import {milliseconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {HeldProbe} from '../../support/held-probe.ts';
import type {Luck} from '../../support/luck.ts';
import {mutations} from '../../support/mutations.ts';
import {someHeartbeat, someProbe} from '../../support/probe.ts';
import {rareEvents} from '../../support/rare-events.ts';
import {kindsIn} from '../../support/traced-passage.ts';
import {Walk} from '../../support/walk.ts';

/** Reliances that no test could miss, and why. */
const needless: Readonly<Record<string, string>> = {
  'segment #flood: this.#carriersFact':
    'only what is for a group, of which these worlds have none; stepped-lans.test.ts needs it',
  'ip-interface arriveArp: this.#facts.of(payload.senderIp)':
    'of ARP, which no probe is; flood-memory.test.ts needs it',
  'vswitchd #hearArp: bridge.runningFact': 'ARP is never repeated',
  'tunnel-bfd #send: this.fact': 'of the heartbeats themselves, which have a test of their own',
  'vswitchd #fromUnderlay: bridge.runningFact': 'the tunnels go with the process, and tell',
};

const walk = new Walk({
  worlds: 60,
  also: [64, 73, 84, 115, 119, 135, 142, 156, 162, 179, 216, 225, 271, 273, 389],
  mutations,
  someWorld,
  someProbe: (world, luck) => (luck.happens(0.1) ? someHeartbeat(world, luck) : someProbe(world, luck)),
});

test.serial("whatever changes a packet's fate tells it", t => {
  walk.run(t);
  t.deepEqual(walk.harmless, [], 'mishaps that never did any harm');
});

for (const {name, cloud, prepare, probe, happens} of rareEvents) {
  test.serial(`${name} tells the packets that it concerns`, t => {
    const world = worldOf(planOf(cloudText(cloud)));
    prepare(world);
    const held = HeldProbe.send(world, probe(world));
    if (!held) return t.fail('the packet is not repeatable to begin with');
    happens(world);
    const again = held.again();
    t.true(again.differs, 'nothing happened to the packet');
    walk.judge(t, held, again, [name]);
  });
}

test.serial('each kind of fact that packets rely on is needed: without it something would go unnoticed', t => {
  const missing = kindsIn('dataplane').filter(kind => !walk.isNeeded(kind) && !(kind in needless));
  t.deepEqual(missing, []);
});

function someWorld(luck: Luck, seed: number): World {
  const ageing = luck.pick(['1s', '300s']);
  const front = luck.pick(['geneve', 'geneve', 'vlan, vlan: 100']);
  const text = cloudText({
    gateways: luck.whole(1, 3),
    duration: '100000s',
    sections: {
      networks: [
        'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
        `front: {type: ${front}, cidr: 172.16.100.0/24}`,
        'back: {type: geneve, cidr: 172.16.101.0/24}',
      ],
      vms: [
        'vm1: {network: front, placement: cn1}',
        'vm2: {network: front, placement: cn2}',
        'vm3: {network: front, placement: cn1}',
        'vm4: {network: back, placement: cn2}',
        'vm5: {network: public, placement: cn1}',
      ],
      segments: [`underlay: {ageing: ${ageing}}`, `provider: {ageing: ${ageing}}`],
      traffic: [
        `out: {from: vm1, to: outside, every: 50ms, start: ${luck.pick(['0s', '90000s'])}}`,
        `in: {from: [near, outside], to: [10.0.2.100, 10.0.2.200], protocol: icmp-echo, every: 70ms}`,
      ],
    },
  });
  const world = worldOf(planOf(text, seed));
  world.advance(milliseconds(luck.whole(0, 8_000)));
  return world;
}
