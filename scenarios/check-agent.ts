import {cloudKinds} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {didYouMean} from './near-miss.ts';
import type {Router} from './scenario.ts';

type RouterDraft = Draft['routers'][string];

/** Who runs the router: nobody but what the cloud is one of. */
export function checkControl({control}: RouterDraft, path: Path, {cloud, findings}: Inventory): Router['control'] {
  if (control !== undefined && control !== cloud) {
    const message = `${control} cannot run ${path[1]}: this cloud is one of ${cloudKinds[cloud].title}`;
    const hint = 'Leave "control" out';
    const other =
      control === 'neutron' ? `${hint}, or make the cloud one of Neutron with the section neutron: {}` : hint;
    findings.mistake(findings.value([...path, 'control']), message, other);
  }
  return cloud;
}

/** The gateway that a router of Neutron is on, if the file names one. A router of OVN has none. */
export function checkAgent({agent}: RouterDraft, path: Path, inventory: Inventory): string | undefined {
  const {cloud, chassis, findings} = inventory;
  if (agent === undefined) return undefined;
  const span = () => findings.value([...path, 'agent']);
  if (cloud === 'ovn') {
    const hint = 'Write gateway-chassis: {gw1: 20, gw2: 10} for where it can be';
    findings.mistake(findings.key([...path, 'agent']), 'routers of OVN are not put on agents', hint);
    return undefined;
  }
  const role = chassis.find(agent, span)?.role;
  if (role !== undefined && role !== 'gateway') {
    const message = `${agent} is a ${role}, and L3 agents run on gateways`;
    findings.mistake(span(), message, () => didYouMean(agent, networkNodes(inventory)));
  }
  return agent;
}

/** What a router of OVN has and one of Neutron does not. */
export function checkNoPriorities(entry: RouterDraft, path: Path, {findings}: Inventory): void {
  if (entry['gateway-chassis'] === undefined) return;
  const message = 'routers of Neutron have no gateway chassis with priorities';
  const hint = 'Write agent: gw1 for where it is, or leave it to the scheduler';
  findings.mistake(findings.key([...path, 'gateway-chassis']), message, hint);
}

/** Routers of Neutron need a network node to be on. */
export function checkNetworkNodes(inventory: Inventory): void {
  const {cloud, chassis, findings} = inventory;
  const isEmpty = findings.keysOf(['routers']).length === 0;
  if (cloud === 'ovn' || isEmpty || chassis.hasFlaws || networkNodes(inventory).length > 0) return;
  const message = 'no chassis is a gateway, and routers of Neutron run on gateways';
  findings.mistake(findings.key(['routers']), message, 'Add one to the chassis: gw1: {role: gateway}');
}

/** How many hosts can have a router; more than anyone asks for where that is not known. */
export function countNetworkNodes(inventory: Inventory): number {
  const {length} = networkNodes(inventory);
  return length === 0 || inventory.chassis.hasFlaws ? Infinity : length;
}

/** The hosts on which L3 and DHCP agents run. */
export function networkNodes({chassis}: Inventory): readonly string[] {
  return chassis.things.filter(({role}) => role === 'gateway').map(({name}) => name);
}
