import type {NeighbourSysctls, SysctlsPlan} from '../models/world/world-plan.ts';
import {cloudKinds} from './cloud-kind.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';

type ClassDraft = Draft['sysctls']['vms'];

/** What the file says of the kernels of machines, in the names of the models. */
export function readSysctls({sysctls}: Draft, {cloud, findings}: Inventory): SysctlsPlan {
  for (const key of ['gc-thresh1', 'gc-thresh2', 'gc-thresh3']) {
    if (cloud === 'neutron' || !findings.has(['sysctls', 'chassis', key])) continue;
    const message = `the neighbours of chassis of ${cloudKinds[cloud].title} are too few to be counted`;
    findings.mistake(findings.key(['sysctls', 'chassis', key]), message);
  }
  return {
    chassis: readMachineSysctls(sysctls.chassis),
    vms: readMachineSysctls(sysctls.vms),
    hosts: readMachineSysctls(sysctls.hosts),
  };
}

/** The same of one machine, or of one class of them. */
export function readMachineSysctls(draft: ClassDraft): NeighbourSysctls {
  return known({
    baseReachableTime: draft['base-reachable-time'],
    delayFirstProbeTime: draft['delay-first-probe-time'],
    retransTime: draft['retrans-time'],
    gcStaleTime: draft['gc-stale-time'],
    locktime: draft.locktime,
    mcastSolicit: draft['mcast-solicit'],
    ucastSolicit: draft['ucast-solicit'],
    unresQlenBytes: draft['unres-qlen-bytes'],
    arpAccept: draft['arp-accept'] as NeighbourSysctls['arpAccept'],
    arpNotify: draft['arp-notify'],
    dropGratuitousArp: draft['drop-gratuitous-arp'],
    arpEvictNocarrier: draft['arp-evict-nocarrier'],
    gcThresh1: draft['gc-thresh1'],
    gcThresh2: draft['gc-thresh2'],
    gcThresh3: draft['gc-thresh3'],
  });
}

/** What is left out stays as Linux has it. */
function known<Values extends object>(values: Values): {[Key in keyof Values]?: Exclude<Values[Key], undefined>} {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as {[Key in keyof Values]?: Exclude<Values[Key], undefined>};
}
