import type {FilterTable} from '../protocols/filter-rules.ts';
import {formatCidr, formatIpv4, type Cidr} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

/** `ipset list` (ipset 7), without the revision, the initial value of the hash and the size in memory. */
export function formatSets(sets: ReadonlyMap<string, readonly Cidr[]>, table: FilterTable): string {
  const asked = [...table.values()].flat().flatMap(({match}) => (match.set ? [match.set.name] : []));
  const texts = [...sets].map(([name, members]) =>
    lines([
      `Name: ${name}`,
      'Type: hash:net',
      'Header: family inet hashsize 1024 maxelem 65536',
      `References: ${asked.filter(set => set === name).length}`,
      `Number of entries: ${members.length}`,
      'Members:',
      ...members.map(member => (member.length === 32 ? formatIpv4(member.address) : formatCidr(member))),
    ]),
  );
  return texts.join('\n');
}
