import {none, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, PortNumber, Topology} from '../../tables/topology.ts';
import type {Plan} from './iteration.ts';

export type VmPortsSurroundings = {
  readonly chassis: ChassisNumber;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  /** Ports of VMs that run on this chassis. */
  localPorts(): readonly PortNumber[];
};

/**
 * What a full recompute does about VM ports: those that run here are claimed, and those that do not are released if the
 * database still has them here, as it does when the host has crashed and come back without its VMs (binding.c,
 * consider_vif_lport).
 */
export function considerVmPorts(among: VmPortsSurroundings, watermark: number, plan: Plan): void {
  const {chassis, topology, contents} = among;
  const running = new Set(among.localPorts());
  for (const port of topology.portsAt(chassis)) {
    const isHeld = contents.read('Port_Binding', port, watermark) === chassis;
    if (isHeld === running.has(port)) continue;
    const value = isHeld ? none : chassis;
    plan.holders.set(port, value);
    plan.writes.push({table: 'Port_Binding', key: port, value, cause: plan.cause});
  }
}
