import type {ArpProtection} from '../protocols/arp-protection.ts';
import {formatCidr, formatIpv4, type Cidr} from '../wire/ipv4.ts';
import {formatMac, type Mac} from '../wire/mac.ts';

type Chain = {readonly name: string; readonly policy: 'ACCEPT' | 'DROP'; readonly rules: readonly string[]};

/** `ebtables -t nat -L` (ebtables 2.0.11), with what the agent has written for each device (arp_protect.py). */
export function formatProtections(protections: ReadonlyMap<string, ArpProtection>): string {
  const devices = [...protections];
  const withArp = devices.filter(([, {addresses}]) => addresses !== undefined);
  const chains: readonly Chain[] = [
    {
      name: 'PREROUTING',
      policy: 'ACCEPT',
      // Jumps for MACs are put first, those for ARP last.
      rules: [
        ...[...devices].reverse().map(([device]) => `-i ${device} -j neutronMAC-${device}`),
        ...withArp.map(([device]) => `-p ARP -i ${device} -j neutronARP-${device}`),
      ],
    },
    {name: 'OUTPUT', policy: 'ACCEPT', rules: []},
    {name: 'POSTROUTING', policy: 'ACCEPT', rules: []},
    ...devices.flatMap(([device, protection]) => chainsOf(device, protection)),
  ];
  return ['Bridge table: nat', ...chains.map(formatChain)].join('\n\n') + '\n';
}

function chainsOf(device: string, {macs, addresses}: ArpProtection): readonly Chain[] {
  // In the order of their last octets (libebt_among, fcmp).
  const sorted = [...macs].sort((a, b) => (a % 0x100) - (b % 0x100));
  const allowed = sorted.map(mac => `${formatEther(mac)},`).join('');
  const chain = (kind: 'MAC' | 'ARP', rules: readonly string[]): Chain => ({
    ...{name: `neutron${kind}-${device}`, policy: 'DROP'},
    rules: [...rules, '-j DROP '],
  });
  const own = chain('MAC', [`-i ${device} --among-src ${allowed} -j RETURN `]);
  if (!addresses) return [own];
  const texts = addresses.map(formatAddress).sort().reverse();
  return [
    own,
    chain(
      'ARP',
      texts.map(text => `-p ARP --arp-ip-src ${text} -j ACCEPT `),
    ),
  ];
}

function formatChain({name, policy, rules}: Chain): string {
  return [`Bridge chain: ${name}, entries: ${rules.length}, policy: ${policy}`, ...rules].join('\n');
}

/** ebtables leaves leading zeros out (ether_ntoa): `fa:16:3e:80:0:1`. */
function formatEther(mac: Mac): string {
  return formatMac(mac).replace(/\b0/g, '');
}

function formatAddress(prefix: Cidr): string {
  return prefix.length === 32 ? formatIpv4(prefix.address) : formatCidr(prefix);
}
