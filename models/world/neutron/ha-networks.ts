import type {NetworkNumber, NeutronNetwork} from '../../tables/neutron-inventory.ts';
import {uuidOf} from '../../tables/uuid.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {tunnelOverhead} from '../../wire/tunnel-overhead.ts';
import type {HaNetworkSettings, WorldPlan} from '../world-plan.ts';

/** VR_ID_RANGE of neutron/db/l3_hamode_db.py. */
const virtualRouterIds = Array.from({length: 254}, (_, index) => index + 1);

/** The default driver draws from the first so many addresses that are free (neutron/ipam/drivers/neutrondb_ipam, driver.py). */
const addressWindow = 10;

/** Neutron makes one for the routers of each project (HA_NETWORK_NAME). */
export function haNetworkName(project: string): string {
  return `HA network tenant ${project}`;
}

/** The HA network of every project that has highly available routers, numbered after all others. */
export function makeHaNetworks(
  {routers, segments}: WorldPlan,
  others: readonly NeutronNetwork[],
  {l3HaNetCidr, l3HaNetworkType: type, l3HaNetworkPhysicalName}: HaNetworkSettings,
): readonly NeutronNetwork[] {
  const projects = [...new Set(routers.filter(({ha}) => ha).map(({project}) => project))];
  const segment = type === 'vxlan' ? undefined : (l3HaNetworkPhysicalName ?? 'provider');
  const carrier = segments.find(({name, kind}) => (segment === undefined ? kind === 'underlay' : name === segment));
  const mtu = (carrier?.mtu ?? 0) - (type === 'vxlan' ? tunnelOverhead.vxlan : 0);
  const made: NeutronNetwork[] = [];
  for (const project of projects) {
    const name = haNetworkName(project);
    made.push({
      ...{number: others.length + made.length, name, id: uuidOf('neutron', 'network', name), type, segment},
      segmentation: type === 'flat' ? undefined : freeSegmentation([...others, ...made], type, segment),
      ...{cidr: l3HaNetCidr, gateway: undefined, external: false, dhcp: undefined, mtu},
    });
  }
  return made;
}

function freeSegmentation(
  networks: readonly NeutronNetwork[],
  type: NeutronNetwork['type'],
  segment: string | undefined,
): number {
  const alike = networks.filter(network => network.type === type && network.segment === segment);
  const taken = new Set(alike.map(({segmentation}) => segmentation));
  let free = 1;
  while (taken.has(free)) free += 1;
  return free;
}

/** What the server gives out by luck. */
export class HaAllocation {
  readonly #luck: () => number;
  readonly #ids = new Map<NetworkNumber, number[]>();
  readonly #addresses = new Map<NetworkNumber, {next: Ipv4; readonly window: Ipv4[]}>();

  constructor(luck: () => number) {
    this.#luck = luck;
  }

  /** Any that is free (_get_vr_id). */
  virtualRouterId(network: NetworkNumber): number {
    let free = this.#ids.get(network);
    if (!free) this.#ids.set(network, (free = [...virtualRouterIds]));
    if (free.length === 0) throw new Error(`no virtual router id is left on network ${network}`);
    return free.splice(this.#drawBelow(free.length), 1)[0];
  }

  /** One of the first that are free. */
  address({number, cidr}: NeutronNetwork): Ipv4 {
    let known = this.#addresses.get(number);
    if (!known) this.#addresses.set(number, (known = {next: cidr.address + 1, window: []}));
    while (known.window.length < addressWindow) known.window.push(known.next++);
    return known.window.splice(this.#drawBelow(known.window.length), 1)[0];
  }

  #drawBelow(count: number): number {
    return Math.floor(this.#luck() * count);
  }
}
