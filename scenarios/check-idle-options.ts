import {formatTime} from './units.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';

const ofReplicatedRouters = [
  ...['max-l3-agents-per-router', 'check-child-processes-interval', 'l3-ha-net-cidr', 'l3-ha-network-type'],
  ...['l3-ha-network-physical-name', 'ha-vrrp-advert-int', 'ha-vrrp-health-check-interval', 'ha-conntrackd-enabled'],
  'ha-conntrackd-hashlimit',
] as const;

/** Options of Neutron that the file has and that change nothing in this cloud, and those that contradict each other. */
export function checkIdleOptions({neutron, routers}: Draft, {findings}: Inventory): void {
  if (!neutron) return;
  const idle = (word: string, why: string): void => {
    const path = ['neutron', word];
    if (findings.has(path)) findings.warning(findings.key(path), `${word} changes nothing here: ${why}`);
  };
  const isSwitched = neutron['mechanism-driver'] === 'openvswitch';
  if (isSwitched) idle('vxlan-group', 'Open vSwitch sends a copy to every other host instead');
  else if (neutron['l2-population'])
    idle('vxlan-group', 'with l2-population hosts are told where to send what they flood');
  if (neutron['arp-responder'] && !neutron['l2-population']) {
    idle('arp-responder', 'hosts answer ARP for what l2-population tells them of, and it is off');
  }
  if (!Object.values(routers).some(({ha}) => ha)) {
    for (const word of ofReplicatedRouters) idle(word, 'no router is highly available (ha: true)');
  }
  const {'report-interval': reportInterval, 'agent-down-time': downTime} = neutron;
  if (downTime >= 2 * reportInterval) return;
  // conf/agent/database/agents_db.py: "should be at least twice report_interval".
  const own = findings.has(['neutron', 'agent-down-time']) ? 'agent-down-time' : 'report-interval';
  findings.warning(
    findings.value(['neutron', own]),
    `agents that live may count as down: agent-down-time (${formatTime(downTime)}) should be twice report-interval (${formatTime(reportInterval)}) at least`,
  );
}
