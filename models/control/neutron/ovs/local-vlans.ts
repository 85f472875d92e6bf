import type {OfPort} from '../../../protocols/openflow/flow.ts';
import type {NetworkNumber, NeutronPortNumber} from '../../../tables/neutron-inventory.ts';

/** What one process knows of a network that it has ports of (vlanmanager.py, LocalVLANMapping). */
export type LocalVlan = {
  readonly vlan: number;
  readonly ports: Set<NeutronPortNumber>;
  /** Tunnel ports that L2 population lists for what is flooded. */
  readonly floods: Set<OfPort>;
};

const least = 1;
const most = 4094;

/**
 * Which VLAN of br-int each network has on this host: it means something on this host only. A new process gives networks
 * that still have tagged ports the VLAN that these bear (_restore_local_vlan_map).
 */
export class LocalVlans {
  readonly #networks = new Map<NetworkNumber, LocalVlan>();
  readonly #hints = new Map<NetworkNumber, number>();
  #last = least - 1;

  get networks(): ReadonlyMap<NetworkNumber, LocalVlan> {
    return this.#networks;
  }

  get(network: NetworkNumber): LocalVlan | undefined {
    return this.#networks.get(network);
  }

  /** A port of the network bears this tag already. */
  hint(network: NetworkNumber, vlan: number): void {
    if (!this.#hints.has(network)) this.#hints.set(network, vlan);
  }

  /** The network's VLAN, the next free one if it has none yet; undefined if there are no more. */
  take(network: NetworkNumber): LocalVlan | undefined {
    const known = this.#networks.get(network);
    if (known) return known;
    const vlan = this.#hints.get(network) ?? this.#next();
    if (vlan === undefined) return undefined;
    this.#hints.delete(network);
    const made = {vlan, ports: new Set<number>(), floods: new Set<number>()};
    this.#networks.set(network, made);
    return made;
  }

  release(network: NetworkNumber): void {
    this.#networks.delete(network);
  }

  /** Hints that nobody took by the end of the first round are of no use (_dispose_local_vlan_hints). */
  forgetHints(): void {
    this.#hints.clear();
  }

  /** Numbers go up and begin again at the end, as a set of Python gives them out. */
  #next(): number | undefined {
    const taken = new Set([...this.#hints.values(), ...[...this.#networks.values()].map(({vlan}) => vlan)]);
    for (let tries = 0; tries < most; tries++) {
      this.#last = this.#last === most ? least : this.#last + 1;
      if (!taken.has(this.#last)) return this.#last;
    }
    return undefined;
  }
}
