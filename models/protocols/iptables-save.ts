import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import type {NatMatch, NatRule, NatTable, NatTarget} from './nat-rules.ts';

/**
 * A nat table as `iptables-save -t nat` prints it, without the remarks that carry a date and with counters of 0. Where there was
 * none asking makes one, without rules.
 */
export function formatNatTable(table: NatTable | undefined): string {
  const builtIn = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'];
  return formatChains('nat', builtIn, table ?? new Map(builtIn.map(chain => [chain, []])), formatNatRule);
}

/** Any table: its chains, the built-in ones with their policy, and all rules. */
export function formatChains<Rule>(
  name: string,
  builtIn: readonly string[],
  table: ReadonlyMap<string, readonly Rule[]>,
  format: (rule: Rule) => string,
): string {
  const chains = [...table.keys()].map(chain => `:${chain} ${builtIn.includes(chain) ? 'ACCEPT' : '-'} [0:0]`);
  const rules = [...table].flatMap(([chain, rules]) => rules.map(rule => `-A ${chain} ${format(rule)}`));
  return [`*${name}`, ...chains, ...rules, 'COMMIT', ''].join('\n');
}

/** How many rules there are, those of the built-in chains included. */
export function countNatRules(table: NatTable): number {
  let count = 0;
  for (const rules of table.values()) count += rules.length;
  return count;
}

/** `-d 203.0.113.50/32 -j DNAT --to-destination 10.0.0.5` */
export function formatNatRule({match, target, comment}: NatRule): string {
  const remark = comment === undefined ? [] : [`-m comment --comment "${comment}"`];
  return [...formatMatch(match), ...remark, formatTarget(target)].join(' ');
}

function formatMatch(match: NatMatch): readonly string[] {
  const {source, destination, input, output, tcpPort, mark, destinationTranslated} = match;
  const words: string[] = [];
  if (source) words.push(`-s ${formatCidr(source)}`);
  if (destination) words.push(`-d ${formatCidr(destination)}`);
  if (input) words.push(`${not(input.not)}-i ${input.device}`);
  if (output) words.push(`${not(output.not)}-o ${output.device}`);
  if (tcpPort !== undefined) words.push(`-p tcp -m tcp --dport ${tcpPort}`);
  if (mark) words.push(`-m mark ${not(mark.not)}--mark ${hex(mark.value)}/${hex(mark.mask)}`);
  if (destinationTranslated !== undefined) words.push(`-m conntrack ${not(!destinationTranslated)}--ctstate DNAT`);
  return words;
}

function formatTarget(target: NatTarget): string {
  switch (target.kind) {
    case 'accept':
      return '-j ACCEPT';
    case 'jump':
      return `-j ${target.chain}`;
    case 'dnat':
      return `-j DNAT --to-destination ${formatIpv4(target.to)}`;
    case 'redirect':
      return `-j REDIRECT --to-ports ${target.port}`;
    case 'snat': {
      const {to, ports, random} = target;
      const range = ports ? `:${ports.least}-${ports.most}` : '';
      return `-j SNAT --to-source ${formatIpv4(to)}${range}${random ? ` --${random}` : ''}`;
    }
  }
}

function not(turned = false): string {
  return turned ? '! ' : '';
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
