import test from 'ava';
import {seconds, toSeconds} from '../../../../engine/time.ts';
import {cloudText, planOf, worldOf} from '../../../support/clouds.ts';

const routers = [
  'r1:',
  '  external: {network: public, address: 10.0.2.2}',
  '  interfaces: [front, back]',
  '  gateway-chassis: {gw1: 30, gw2: 29}',
  '  routes:',
  '    - {prefix: 0.0.0.0/0, next-hop: 10.0.2.1, bfd: true}',
];

/** BFD of the next hop, where it runs and of the router opposite, and what follows for the route; times in seconds. */
function story(fault: string, until: number, seed = 1): readonly string[] {
  const text = cloudText({gateways: 2, duration: '60s', sections: {routers, faults: [fault]}});
  const world = worldOf(planOf(text, seed));
  const lines: string[] = [];
  world.journal.listen(({at, kind, detail}) => {
    const words = detail as Record<string, string | number | boolean | undefined>;
    const moment = toSeconds(at).toFixed(1);
    if (kind === 'route changed') lines.push(`${moment} route ${words.active ? 'back' : 'gone'}`);
    const isNextHop = String(words.peer).startsWith('next hop') || words.peer === 'r1';
    if (kind === 'bfd changed' && isNextHop) lines.push(`${moment} ${words.chassis}: ${words.from} → ${words.to}`);
  });
  world.advance(seconds(until));
  return lines;
}

function without(lines: readonly string[]): readonly string[] {
  return lines.map(line => line.slice(line.indexOf(' ') + 1));
}

test('nothing happens while nothing breaks', t => {
  t.deepEqual(story('none: {break: ovn-northd, how: restart, at: 5s}', 55), []);
});

test('a new gateway takes the session over: its first word brings the peer down, and the route stays', t => {
  for (const seed of [1, 2, 3]) {
    const lines = story('crash: {break: chassis, of: gw1, at: 10s}', 50, seed);
    t.deepEqual(without(lines), [
      'public gateway: up → down',
      'gw2: down → init',
      'public gateway: down → up',
      'gw2: init → up',
    ]);
    t.true(Number(lines[0].split(' ')[0]) < 14);
  }
});

test('a next hop that goes silent is down within six seconds at either end, and its route is gone', t => {
  const lines = story('cut: {break: black-hole, of: upstream of public, nic: provider, at: 10s}', 30);
  t.deepEqual([...without(lines)].sort(), ['gw1: up → down', 'public gateway: up → down', 'route gone']);
  const gone = Number(lines.find(line => line.endsWith('gone'))?.split(' ')[0]);
  t.true(gone > 14 && gone < 16.1);
});
