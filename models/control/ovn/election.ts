import type {GatewayGroup} from '../../tables/gateway-groups.ts';
import type {ChassisNumber} from '../../tables/topology.ts';

/**
 * Whether `self` is the active gateway of a group, by nothing but its own tunnels (ha-chassis.c,
 * ha_chassis_group_is_active).
 *
 * - A group of one belongs to its member, and so does one in which only one member has a chassis.
 * - Without any live tunnel nobody is: such a chassis has lost the others, not the others their links.
 * - Else the best of those with a live tunnel and oneself; but who is left alone among the members needs a live tunnel to
 *   a chassis that would send it traffic.
 */
export function isActive(self: ChassisNumber, group: GatewayGroup, tunnels: ReadonlySet<ChassisNumber>): boolean {
  const {members, present, references} = group;
  if (!members.includes(self)) return false;
  if (members.length === 1) return present.has(self);
  if (present.size === 1 && present.has(self)) return true;
  if (tunnels.size === 0) return false;
  const alive = members.filter(member => present.has(member) && (member === self || tunnels.has(member)));
  if (alive.length === 1) return alive[0] === self && references.some(reference => tunnels.has(reference));
  return alive[0] === self;
}

/**
 * The chassis with which `self` runs BFD for a group (ovn-controller's bfd.c, bfd_calculate_chassis): gateways with each
 * other and with every chassis that has ports behind the router, those with the gateways; nobody in a group of one.
 */
export function bfdPeers(self: ChassisNumber, {members, present, references}: GatewayGroup): readonly ChassisNumber[] {
  if (members.length < 2) return [];
  const there = members.filter(member => present.has(member));
  if (there.includes(self)) return [...there, ...references].filter(peer => peer !== self);
  return references.includes(self) ? there : [];
}
