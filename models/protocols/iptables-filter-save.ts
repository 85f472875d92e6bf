import {formatCidr} from '../wire/ipv4.ts';
import {formatMac} from '../wire/mac.ts';
import type {FilterMatch, FilterRule, FilterTable, FilterTarget, PortRange} from './filter-rules.ts';
import {formatChains} from './iptables-save.ts';

/** A filter table as `iptables-save -t filter` prints it, without the remarks that carry a date and with counters of 0. */
export function formatFilterTable(table: FilterTable): string {
  return formatChains('filter', ['INPUT', 'FORWARD', 'OUTPUT'], table, formatFilterRule);
}

/** `-s 172.16.1.33/32 -m mac --mac-source FA:16:3E:DE:6E:86 -j RETURN` */
export function formatFilterRule({match, target, comment}: FilterRule): string {
  const remark = comment === undefined ? [] : [`-m comment --comment "${comment}"`];
  return [...formatMatch(match), ...remark, formatTarget(target)].join(' ');
}

function formatMatch(match: FilterMatch): readonly string[] {
  const {source, destination, input, output, protocol, sourcePorts, destinationPorts, icmp, sourceMac, state, set} =
    match;
  const words: string[] = [];
  if (source) words.push(`-s ${formatCidr(source)}`);
  if (destination) words.push(`-d ${formatCidr(destination)}`);
  if (protocol !== undefined) words.push(`-p ${protocol}`);
  if (input !== undefined) words.push(`-m physdev --physdev-in ${input} --physdev-is-bridged`);
  if (output !== undefined) words.push(`-m physdev --physdev-out ${output} --physdev-is-bridged`);
  if (sourcePorts ?? destinationPorts) words.push(`-m ${protocol}`);
  if (sourcePorts) words.push(formatPorts('sport', sourcePorts));
  if (destinationPorts) words.push(formatPorts('dport', destinationPorts));
  if (icmp) words.push(`-m icmp --icmp-type ${icmp.type}${icmp.code === undefined ? '' : `/${icmp.code}`}`);
  if (sourceMac !== undefined) words.push(`-m mac --mac-source ${formatMac(sourceMac).toUpperCase()}`);
  if (state) words.push(`-m state --state ${state === 'invalid' ? 'INVALID' : 'RELATED,ESTABLISHED'}`);
  if (set) words.push(`-m set --match-set ${set.name} ${set.of === 'source' ? 'src' : 'dst'}`);
  return words;
}

/** A range needs another module than a single port. */
function formatPorts(option: 'sport' | 'dport', {least, most}: PortRange): string {
  return least === most ? `--${option} ${least}` : `-m multiport --${option}s ${least}:${most}`;
}

function formatTarget(target: FilterTarget): string {
  return target.kind === 'jump' ? `-j ${target.chain}` : `-j ${target.kind.toUpperCase()}`;
}
