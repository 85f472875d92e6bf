import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {HostBridges} from '../../tables/host-network.ts';
import type {NetworkNumber, NeutronInventory} from '../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {Inbox} from './inbox.ts';
import type {Cast, Population} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {NeutronSettings} from './settings.ts';

export type EntriesSurroundings = {
  readonly name: string;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly bridges: HostBridges;
  /** Who writes, and what an entry takes. */
  readonly daemon: string;
  readonly step: Step;
  /** `local_ip`; undefined of a host without tunnels. */
  readonly endpoint: Ipv4 | undefined;
};

export type PopulationCast = Extract<Cast, {method: 'add_fdb_entries' | 'remove_fdb_entries'}>;

/**
 * The part of an L2 agent that writes what l2-population tells it (fdb_add and fdb_remove of linuxbridge_neutron_agent.py and
 * ovs_neutron_agent.py): one command for each entry, in the order in which they were told.
 */
export class ForwardingEntries {
  /** Networks of which this process has wired a port (`network_map`); it takes entries of no others. */
  readonly networks = new Set<NetworkNumber>();
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #among: EntriesSurroundings;
  readonly #told: Inbox<PopulationCast>;

  constructor(ground: Ground, process: Process, among: EntriesSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#among = among;
    this.#told = new Inbox(ground.engine);
  }

  take(cast: PopulationCast): void {
    this.#told.put(cast);
  }

  *write(): Thread {
    for (;;) {
      const {method, argument} = yield* this.#told.take();
      yield* this.#apply(argument, method === 'add_fdb_entries' ? 'add' : 'remove');
    }
  }

  *#apply({network, behind}: Population, action: 'add' | 'remove'): Thread {
    const {endpoint: own, inventory, name, bridges} = this.#among;
    if (own === undefined || !this.networks.has(network)) return;
    let entries = 0;
    for (const {endpoint, flood, ports} of behind) {
      if (endpoint === own) continue;
      // Asked once: the tunnel may go with the first of the entries, and the others go all the same.
      if (action === 'remove' && !bridges.reaches(network, endpoint)) continue;
      if (flood) {
        yield* this.#command();
        if (action === 'add') bridges.addFlood(network, endpoint);
        else bridges.removeFlood(network, endpoint);
        entries += 1;
      }
      for (const port of ports) {
        yield* this.#command();
        this.#forward(network, endpoint, port, action);
        entries += 1;
      }
    }
    if (entries === 0) return;
    const detail = {chassis: name, network: inventory.networks[network].name, action, entries} as const;
    this.#ground.journal.announce('forwarding entries changed', detail);
  }

  /** An answer for an address goes whoever had it last; an entry for a MAC only if it still leads to that endpoint. */
  #forward(
    network: NetworkNumber,
    endpoint: Ipv4,
    {mac, address}: Population['behind'][number]['ports'][number],
    action: 'add' | 'remove',
  ): void {
    const {bridges, settings} = this.#among;
    if (settings.arpResponder) {
      if (action === 'add') bridges.addResponder(network, address, mac);
      else bridges.removeResponder(network, address);
    }
    if (action === 'add') bridges.addRemote(network, mac, endpoint);
    else bridges.removeRemote(network, mac, endpoint);
  }

  *#command(): Thread {
    yield* this.#process.sleep(this.#among.host.take(this.#among.step, this.#among.daemon));
  }
}
