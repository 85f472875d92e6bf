import type {OpenVSwitch} from '../dataplane/ovs/open-vswitch.ts';
import type {NeutronChassis} from '../world/neutron/neutron-chassis.ts';
import type {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {formatFlows} from './dump-flows.ts';
import type {Tool} from './exhibit.ts';
import {formatLearnt} from './fdb-show.ts';

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
      if (!daemon.running) return `${words.split(' ')[0]}: ${name} is not a bridge or a socket\n`;
      return daemon.hung ? `${words.split(' ')[0]}: ovs-vswitchd does not answer\n` : show(node.ovs);
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
