import {never, seconds, type Time} from '../../engine/time.ts';
import type {Dhcp, DhcpRoute} from '../wire/dhcp.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** What a client has learnt from a server: an address, and how to use it. */
export type DhcpLease = {
  readonly address: Ipv4;
  /** The length of the prefix of its network. */
  readonly length: number;
  readonly serverId: Ipv4;
  readonly routes: readonly DhcpRoute[];
  readonly mtu: number | undefined;
  readonly givenAt: Time;
  /** From when it was given; `never` is for ever. */
  readonly lasts: Time;
  /** T1 and T2, from then too. */
  readonly renewAfter: Time;
  readonly rebindAfter: Time;
};

/** Seconds that stand for ever. */
export const forEver = 0xffff_ffff;

const everywhere = {address: 0, length: 0};

/** The routes that an answer gives: the classless ones, or else the way by its router. */
export function routesIn({router, routes}: Pick<Dhcp, 'router' | 'routes'>): readonly DhcpRoute[] {
  if (routes.length > 0) return routes;
  return router === undefined ? [] : [{prefix: everywhere, via: router}];
}

/** The lease in an offer or an acknowledgement; undefined if it lacks what a client must have. */
export function leaseIn(message: Dhcp, now: Time): DhcpLease | undefined {
  const {yourAddress, serverId, leaseSeconds, subnetMask, mtu} = message;
  if (yourAddress === 0 || serverId === undefined || leaseSeconds === undefined || leaseSeconds === 0) return undefined;
  const lasts = leaseSeconds === forEver ? never : seconds(leaseSeconds);
  return {
    address: yourAddress,
    length: subnetMask === undefined ? classLength(yourAddress) : lengthOf(subnetMask),
    ...{serverId, mtu, givenAt: now, lasts},
    routes: routesIn(message),
    ...timersOf(lasts, message),
  };
}

/** A half and seven eighths, where the server says nothing that makes sense (client_set_lease_timeouts). */
export function timersOf(
  lasts: Time,
  {renewalSeconds = 0, rebindingSeconds = 0}: Pick<Dhcp, 'renewalSeconds' | 'rebindingSeconds'>,
): Pick<DhcpLease, 'renewAfter' | 'rebindAfter'> {
  const asked = seconds(rebindingSeconds);
  const rebindAfter = asked > 0 && asked < lasts ? asked : Math.floor((lasts * 7) / 8);
  const sooner = seconds(renewalSeconds);
  const renewAfter = sooner > 0 && sooner < rebindAfter ? sooner : Math.floor(lasts / 2);
  return {renewAfter, rebindAfter};
}

export function maskOf(length: number): Ipv4 {
  return 0x1_0000_0000 - 2 ** (32 - length);
}

function lengthOf(mask: Ipv4): number {
  return Math.clz32(~mask);
}

/** Of an address whose server names no mask: what its class says. */

function classLength(address: Ipv4): number {
  if (address < 0x8000_0000) return 8;
  return address < 0xc000_0000 ? 16 : 24;
}
