import {contains, networkOf, type Cidr, type Ipv4} from '../wire/ipv4.ts';

export type IpRoute = {
  readonly prefix: Cidr;
  readonly device: string;
  /** Undefined: the destination is on the link. */
  readonly via: Ipv4 | undefined;
  /** Of what the host itself sends; undefined if nothing is said. */
  readonly source: Ipv4 | undefined;
  /** `unreachable …`: what takes it is refused, and no further table is looked into. */
  readonly unreachable?: true;
};

/** One line of `ip rule`: which packets look into which table. */
export type IpRule = {
  readonly priority: number;
  /** Undefined: from all. Bits beyond the length are kept as they were written and mean nothing. */
  readonly from: Cidr | undefined;
  readonly table: number;
};

/** Tables with names of their own (rt_tables). */
export const mainTable = 254;
export const defaultTable = 253;

/** What every Linux namespace begins with; the table `local` comes before all and is not listed (ip-rule(8)). */
export const firstRules: readonly IpRule[] = [
  {priority: 32_766, from: undefined, table: mainTable},
  {priority: 32_767, from: undefined, table: defaultTable},
];

/** The route that a packet takes: rules by priority, in each table the longest prefix; a table without any is passed over. */
export function lookUpRoute(
  rules: readonly IpRule[],
  tables: ReadonlyMap<number, readonly IpRoute[]>,
  source: Ipv4,
  destination: Ipv4,
): IpRoute | undefined {
  for (const {from, table} of rules) {
    if (from && !contains(networkOf(from), source)) continue;
    const route = longestMatch(tables.get(table) ?? [], destination);
    if (route) return route;
  }
  return undefined;
}

function longestMatch(routes: readonly IpRoute[], destination: Ipv4): IpRoute | undefined {
  let best: IpRoute | undefined;
  for (const route of routes) {
    if (contains(route.prefix, destination) && (!best || route.prefix.length > best.prefix.length)) best = route;
  }
  return best;
}

/** Rules in the order in which they are looked at: by priority, and those of one priority as they were added. */
export function inOrder(rules: readonly IpRule[]): readonly IpRule[] {
  return [...rules].sort((a, b) => a.priority - b.priority);
}
