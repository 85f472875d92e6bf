import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

/** How often vm1 asks for its neighbour again in 50 s of a busy flow. */
function questions(options: string): number {
  const traffic = [`flow: {from: vm1, to: vm2, every: 50ms, ${options}}`];
  const world = worldOf(planOf(neutronText('{}', {traffic}, '100s')));
  const asked = (): number => {
    world.ground.ledger.settle();
    return world.ground.counters.value(world.ground.counters.of('vm1', 'arp requests sent'));
  };
  world.advance(seconds(5));
  const before = asked();
  world.advance(seconds(60));
  return asked() - before;
}

test('acknowledgements of TCP keep the neighbour reachable without ARP', t => {
  t.is(questions('protocol: tcp'), 0);
  t.is(questions('protocol: tcp, pattern: upload'), 0);
});

test('UDP asks again, unless who asks tells the kernel that it was answered', t => {
  t.true(questions('protocol: udp-echo') > 0);
  t.is(questions('protocol: udp-echo, confirms: true'), 0);
});

test('who only hears is confirmed by nothing, and asks again', t => {
  // vm1 acknowledges what it hears, which nobody acknowledges.
  t.true(questions('protocol: tcp, pattern: download') > 0);
});
