import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Network} from './scenario.ts';

type Ranges = NonNullable<Draft['segments'][string]['vlan-ranges']>;

/**
 * VLAN networks that name no tag have the next free one of their segment's ranges, as projects' networks in Neutron
 * (network_vlan_ranges). A tag that is in none of them is a mistake.
 */
export function numberVlans(
  networks: readonly Network[],
  {segments}: Draft,
  {findings}: Inventory,
): readonly Network[] {
  const taken = new Set(networks.map(({segment, vlan}) => `${segment}/${vlan}`));
  return networks.map(network => {
    const {name, type, vlan, segment = ''} = network;
    const ranges = segments[segment]?.['vlan-ranges'];
    if (type !== 'vlan' || !ranges) return network;
    if (vlan !== undefined) {
      if (ranges.some(([first, last]) => vlan >= first && vlan <= last)) return network;
      const message = `VLAN ${vlan} is in none of the ranges of ${segment}: ${written(ranges)}`;
      findings.mistake(findings.value(['networks', name, 'vlan']), message);
      return network;
    }
    const next = nextFree(ranges, tag => taken.has(`${segment}/${tag}`));
    if (next === undefined) {
      const message = `${segment} has no tag left for ${name}: ${written(ranges)}`;
      findings.mistake(findings.key(['networks', name]), message);
      return network;
    }
    taken.add(`${segment}/${next}`);
    return {...network, vlan: next};
  });
}

function nextFree(ranges: Ranges, isTaken: (tag: number) => boolean): number | undefined {
  for (const [first, last] of ranges) for (let tag = first; tag <= last; tag++) if (!isTaken(tag)) return tag;
  return undefined;
}

function written(ranges: Ranges): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}..${last}`)).join(', ');
}
