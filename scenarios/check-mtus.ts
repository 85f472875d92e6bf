import type {Inventory} from './inventory.ts';
import {carriedBy} from './mtus.ts';
import type {Network, Segment} from './scenario.ts';

/** A network cannot have a larger MTU than what carries it, which Neutron refuses too (InvalidMtu…, ml2/managers.py). */
export function checkMtus(networks: readonly Network[], segments: readonly Segment[], {findings}: Inventory): void {
  for (const network of networks) {
    const most = carriedBy(network, segments);
    if (network.mtu === undefined || most === undefined || network.mtu <= most) continue;
    const carrier = network.segment ?? 'the underlay less its tunnels';
    const message = `${network.name} has an MTU of ${network.mtu}, and ${carrier} carries ${most}`;
    const hint = 'Raise the mtu of the segment, or leave this one out';
    findings.mistake(findings.value(['networks', network.name, 'mtu']), message, hint);
  }
}
