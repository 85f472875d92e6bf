import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {vrrpTtl, type Vrrp} from '../wire/vrrp.ts';
import type {VrrpSettings} from './keepalived-configuration.ts';

/** Why an advertisement for this virtual router is not believed, in the order of keepalived's checks (vrrp_check_packet). */
export type AdvertFlaw =
  'wrong ttl' | 'wrong version' | 'other interval' | 'other number of addresses' | 'an address is missing';

/** What is wrong with an advertisement; undefined if nothing is. */
export function flawOf(
  {ttl}: Pick<Ipv4Packet, 'ttl'>,
  vrrp: Vrrp,
  {version, advertInterval, virtualAddresses}: VrrpSettings,
): AdvertFlaw | undefined {
  if (ttl !== vrrpTtl) return 'wrong ttl';
  if (vrrp.version !== version) return 'wrong version';
  if (version === 2 && vrrp.advertInterval !== advertInterval) return 'other interval';
  if (vrrp.addresses.length !== virtualAddresses.length) return 'other number of addresses';
  const isMissing = virtualAddresses.some(({address}) => !vrrp.addresses.includes(address));
  return isMissing ? 'an address is missing' : undefined;
}
