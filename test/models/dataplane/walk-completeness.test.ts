import test, {type ExecutionContext} from 'ava';
import {milliseconds, seconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {HeldProbe, type Again} from '../../support/held-probe.ts';
import {Luck} from '../../support/luck.ts';
import {mutations, repair} from '../../support/mutations.ts';
import {answerOf, sendProbe, someProbe, type Probe} from '../../support/probe.ts';
import {rareEvents} from '../../support/rare-events.ts';
import {kindsIn} from '../../support/traced-passage.ts';

const worlds = 400;
const rounds = 8;
const mishaps = 8;

/** Reliances that no test could miss, and why. */
const needless: Readonly<Record<string, string>> = {
  'vswitchd #hearArp: bridge.runningFact': 'ARP is never repeated',
  'tunnel-bfd #send: this.fact': 'of the heartbeats themselves, which have a test of their own',
  'vswitchd #fromUnderlay: bridge.runningFact': 'the tunnels go with the process, and tell',
};

/** How often each kind of fact alone would have told of what happened. */
const proofs = new Map(kindsIn('dataplane').map(kind => [kind, 0]));

test.serial(`whatever changes a packet's fate tells it, in ${worlds} worlds`, t => {
  const harm = new Map(Object.keys(mutations).map(name => [name, 0]));
  for (let seed = 1; seed <= worlds; seed++) {
    const luck = new Luck(`walk ${seed}`);
    const world = someWorld(luck, seed);
    for (let round = 1; round <= rounds; round++) {
      const {held, probe} = warmUp(world, luck) ?? {};
      if (!held || !probe) continue;
      const deeds: string[] = [];
      for (let mishap = 0; mishap < mishaps && !held.told; mishap++) {
        const [name, deed] = mutate(world, luck);
        deeds.push(`${name}: ${deed}`);
        const story = [`seed ${seed}, round ${round}, at ${world.now} µs: ${probe.name}`, ...deeds];
        const again = held.again();
        if (!judge(t, held, again, story)) return;
        if (again.differs) harm.set(name, (harm.get(name) ?? 0) + 1);
      }
      held.release();
    }
  }
  t.deepEqual(
    [...harm].filter(([, count]) => count === 0),
    [],
    'mishaps that never did any harm',
  );
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
    judge(t, held, again, [name]);
  });
}

test.serial('each kind of fact that packets rely on is needed: without it something would go unnoticed', t => {
  const missing = [...proofs].filter(([kind, count]) => count === 0 && !(kind in needless));
  t.deepEqual(missing, []);
});

/** Whether the packet fares as before unless it was told. */
function judge(
  t: ExecutionContext,
  {before}: HeldProbe,
  {after, differs, told, needed}: Again,
  story: string[],
): boolean {
  if (!differs) return true;
  if (!told) {
    t.fail([...story, JSON.stringify(before), JSON.stringify(after)].join('\n'));
    return false;
  }
  for (const kind of needed) proofs.set(kind, (proofs.get(kind) ?? 0) + 1);
  t.pass();
  return true;
}

/** One mishap and perhaps some time for what follows from it. */
function mutate(world: World, luck: Luck): readonly [string, string] {
  const name = luck.pick(Object.keys(mutations));
  const deed = mutations[name](world, luck) ?? 'nothing';
  const wait = luck.pick([0, 0, milliseconds(1), milliseconds(600), seconds(4)]);
  if (wait > 0) world.advance(world.now + wait);
  return [name, `${deed}; ${wait} µs pass`];
}

/** A probe that was sent until it left nothing behind. */
function warmUp(world: World, luck: Luck): {readonly probe: Probe; readonly held: HeldProbe} | undefined {
  if (luck.happens(0.6)) {
    repair(world);
    world.advance(world.now + seconds(luck.whole(1, 3)));
  }
  if (luck.happens(0.4)) mutate(world, luck);
  let probe = someProbe(world, luck);
  for (let tries = 0; tries < 4; tries++) {
    if (luck.happens(0.3)) {
      const {arrived} = sendProbe(world.ground, probe);
      probe = (arrived && answerOf(world, arrived)) ?? probe;
    }
    const held = HeldProbe.send(world, probe);
    if (held) return {probe, held};
    world.advance(world.now + milliseconds(luck.pick([1, 10, 1_200])));
  }
  return undefined;
}

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
