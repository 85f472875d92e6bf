import type {Inventory, RouterSite} from './inventory.ts';

/** Which networks the routers join, and where they lead outside. */
export class Reachability {
  readonly #routers = new Map<string, RouterSite[]>();
  readonly #joined = new Map<string, ReadonlySet<string>>();

  constructor({routers}: Inventory) {
    for (const router of routers.things) {
      for (const network of router.interfaces) {
        const others = this.#routers.get(network);
        if (others) others.push(router);
        else this.#routers.set(network, [router]);
      }
    }
  }

  /** The networks that VMs of this one reach through a router, and the network itself. */
  joined(network: string): ReadonlySet<string> {
    let joined = this.#joined.get(network);
    if (!joined) {
      joined = new Set([network, ...this.routersOf(network).flatMap(({interfaces}) => interfaces)]);
      this.#joined.set(network, joined);
    }
    return joined;
  }

  /** The external networks to which a router leads from this one. */
  exits(network: string): readonly string[] {
    return this.routersOf(network)
      .map(({external}) => external)
      .filter(external => external !== undefined);
  }

  /** The routers with an interface on the network. */
  routersOf(network: string): readonly RouterSite[] {
    return this.#routers.get(network) ?? [];
  }
}
