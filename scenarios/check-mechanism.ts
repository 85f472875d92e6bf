import {isSince} from '../models/world/world-plan.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';

/** Linux bridges went with epoxy (2025.1): the emulation goes on without them, Neutron would not start. */
export function checkMechanism({neutron}: Draft, {findings}: Inventory): void {
  if (neutron?.['mechanism-driver'] !== 'linuxbridge' || !isSince(neutron.release, 'epoxy')) return;
  const message = `Neutron has no Linux bridge agent in ${neutron.release}: write mechanism-driver: openvswitch`;
  findings.warning(findings.value(['neutron', 'release']), message);
}
