import type {VrrpSettings} from '../../protocols/keepalived-configuration.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {vrrpGroup, vrrpTtl} from '../../wire/vrrp.ts';

const internetControl = 0xc0;

/** An advert of an instance, the `number`th of its socket (vrrp_sched.c, vrrp_build_ip4). */
export function advertPacket(settings: VrrpSettings, source: Ipv4, priority: number, number: number): Ipv4Packet {
  return {
    kind: 'ipv4',
    source,
    destination: vrrpGroup,
    ttl: vrrpTtl,
    tos: internetControl,
    identification: number & 0xffff,
    dontFragment: false,
    payload: {
      kind: 'vrrp',
      version: settings.version,
      vrid: settings.virtualRouterId,
      priority,
      advertInterval: settings.advertInterval,
      addresses: settings.virtualAddresses.map(({address}) => address),
    },
  };
}
