import test from 'ava';
import {seconds, toSeconds} from '../../../../engine/time.ts';
import {cloudText, planOf, worldOf} from '../../../support/clouds.ts';

/** Seconds at which gw1's ovn-controller has a switch that takes flows, and at which gw1 has its flows. */
function momentsOf(faults: readonly string[]): Readonly<Record<'connected' | 'complete', readonly number[]>> {
  const world = worldOf(planOf(cloudText({sections: {faults}})));
  const moments = {connected: [] as number[], complete: [] as number[]};
  world.journal.listen(({at, kind, detail}) => {
    if ((detail as {chassis?: string}).chassis !== 'gw1') return;
    if (kind === 'openflow connected') moments.connected.push(toSeconds(at));
    if (kind === 'flows complete') moments.complete.push(toSeconds(at));
  });
  world.advance(seconds(50));
  return moments;
}

test('an ovn-controller that starts while ovs-vswitchd hangs has no switch before that goes on', t => {
  const hang = 'hang: {break: ovs-vswitchd, how: hang, of: gw1, at: 10s, for: 10s}';
  const again = 'again: {break: ovn-controller, how: restart, of: gw1, at: 12s}';
  const {connected} = momentsOf([hang, again]);
  t.is(connected.length, 1);
  t.true(connected[0] > 20 && connected[0] < 29);
});

test('one that is connected already does not notice', t => {
  t.deepEqual(momentsOf(['hang: {break: ovs-vswitchd, how: hang, of: gw1, at: 10s, for: 10s}']).connected, []);
});

test('an ovs-vswitchd that is killed while it hangs answers when it has started', t => {
  const hang = 'hang: {break: ovs-vswitchd, how: hang, of: gw1, at: 10s, for: 4s}';
  const kill = 'kill: {break: ovs-vswitchd, how: kill, of: gw1, at: 12s, for: 8s}';
  const {connected, complete} = momentsOf([hang, kill]);
  t.is(connected.length, 1);
  t.is(complete.length, 1);
  t.true(connected[0] > 20 && connected[0] < 29);
});
