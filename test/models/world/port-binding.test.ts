import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

/** What became of operations on a host whose L2 agent died at 20 s and was back at 200 s: refusals and starts of VMs. */
function told(operations: readonly string[], mechanism = 'linuxbridge'): readonly string[] {
  const faults = [`l2: {break: neutron-${mechanism}-agent, of: cn3, at: 20s, for: 180s}`];
  const plan = planOf(neutronText(`{mechanism-driver: ${mechanism}}`, {traffic: [], faults, operations}, '300s'));
  const world = worldOf(plan);
  world.advance(seconds(300));
  return world.journal.entries.flatMap(({kind, detail}) => {
    if (kind === 'operation refused') return [`${detail.what} ${detail.subject}: ${detail.reason}`];
    return kind === 'vm started' ? [`${detail.vm} started`] : [];
  });
}

for (const mechanism of ['linuxbridge', 'openvswitch']) {
  test(`no VM is started or moved to where the agent of ${mechanism} has not reported for 75 s`, t => {
    const reason = `neutron-${mechanism}-agent of cn3 is thought dead (PortBindingFailed)`;
    const both = ['boot: {do: boot, vm: vm5, at: 150s}', 'move: {do: move, vm: vm4, to: cn3, at: 160s}'];
    t.deepEqual(told(both, mechanism), [`boot vm5: ${reason}`, `move vm4: ${reason}`]);
  });
}

test('who dies and is not missed yet gets the port, and the VM waits; after it has reported again all is well', t => {
  t.deepEqual(told(['boot: {do: boot, vm: vm5, at: 50s}']), ['vm5 started']);
  t.deepEqual(told(['boot: {do: boot, vm: vm5, at: 250s}']), ['vm5 started']);
});
