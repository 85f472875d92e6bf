import type {OpenVSwitch} from '../dataplane/ovs/open-vswitch.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {formatFlows} from './dump-flows.ts';
import type {Tool} from './exhibit.ts';
import {formatLearnt} from './fdb-show.ts';
import {noSocket, noVswitchd, vswitchdHangs} from './no-vswitchd.ts';

/** What Open vSwitch has to show of a node's bridges. */
export function switchTools(
  world: World,
  {chassis}: NeutronCloud,
  onNode: (words: string, show: (node: NeutronChassis) => string) => Tool,
): readonly Tool[] {
  const names = chassis.length === 0 ? [] : [...chassis[0].ovs.bridges.keys()];
  const tool = (words: string, name: string, show: (ovs: OpenVSwitch) => string): Tool =>
    onNode(`${words} ${name}`, node => {
      const daemon = node.daemons['ovs-vswitchd'];
      const [program] = words.split(' ');
      if (!daemon.running) return program === 'ovs-appctl' ? noVswitchd : noSocket(name);
      return daemon.hung ? vswitchdHangs(program, node.name) : show(node.ovs);
    });
  return names.flatMap(name => [
    tool('ovs-ofctl dump-flows', name, ({bridges}) => {
      const bridge = bridges.get(name)!;
      const rows = bridge.flows().map(flow => ({flow, ...bridge.countsOf(flow)}));
      return formatFlows(rows, world.now);
    }),
    tool('ovs-appctl fdb/show', name, ({bridges}) => formatLearnt(bridges.get(name)!.normal.learnt(), world.now)),
  ]);
}
