import type {Namespace} from '../dataplane/linux/namespace.ts';
import type {LinkRow} from './ip-addr.ts';
import type {NeighbourRow} from './ip-neigh.ts';

/** The devices of a namespace, which are ends of pairs, for `ip addr`. */
export function linkRows({interfaces}: Namespace): readonly LinkRow[] {
  return [...interfaces].map(([name, {mac, addresses, mtu}]) => ({
    ...{name, mac, addresses, mtu},
    ...{qdisc: 'noqueue', carrier: true},
  }));
}

/** What is known on them, for `ip neigh`. */
export function neighbourRows({interfaces}: Namespace): readonly NeighbourRow[] {
  return [...interfaces].flatMap(([device, known]) =>
    [...known.neighbours()].map(({address, mac, state}) => ({address, device, mac, state})),
  );
}
