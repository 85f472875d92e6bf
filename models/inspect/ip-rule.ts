import {defaultTable, mainTable, type IpRule} from '../protocols/ip-routes.ts';
import {formatCidr, formatIpv4, type Cidr} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

/** The rule before all others, which leads to a host's own addresses; nobody can be without it. */
const localRule = '0:\tfrom all lookup local';

const tableNames = new Map([
  [mainTable, 'main'],
  [defaultTable, 'default'],
]);

/** `ip rule` (iproute2, ip/iprule.c). */
export function formatRules(rules: readonly IpRule[]): string {
  return lines([
    localRule,
    ...rules.map(
      ({priority, from, table}) => `${priority}:\tfrom ${formatSource(from)} lookup ${tableNames.get(table) ?? table}`,
    ),
  ]);
}

function formatSource(from: Cidr | undefined): string {
  if (!from) return 'all';
  return from.length === 32 ? formatIpv4(from.address) : formatCidr(from);
}
