import type {OvsBfdSettings} from '../protocols/ovs-bfd.ts';
import type {BfdState} from '../wire/bfd.ts';
import type {ChassisNumber} from './topology.ts';

/** A tunnel interface in a chassis' Open vSwitch database. */
export type TunnelInterface = {
  /** `bfd` of the Interface row, written by ovn-controller; undefined is off. */
  readonly bfd: OvsBfdSettings | undefined;
  /** `bfd_status:state`, written by ovs-vswitchd, and left standing when it dies. */
  readonly status: BfdState | undefined;
};

/**
 * The Open vSwitch database of one chassis, the place where ovn-controller and ovs-vswitchd meet: the one says which
 * tunnels there are and where BFD runs, the other how it goes. It is a file: it outlives both.
 */
export class LocalDatabase {
  readonly #tunnels = new Map<ChassisNumber, TunnelInterface>();
  /** Undefined: to be sorted anew. */
  #peers: readonly ChassisNumber[] | undefined;
  /** Told when ovn-controller has written. */
  onConfiguration: ((peer: ChassisNumber) => void) | undefined;
  /** Told when ovs-vswitchd has written. */
  onStatus: ((peer: ChassisNumber) => void) | undefined;

  /** Peers with a tunnel, in order of their number. */
  get peers(): readonly ChassisNumber[] {
    this.#peers ??= [...this.#tunnels.keys()].sort((a, b) => a - b);
    return this.#peers;
  }

  tunnel(peer: ChassisNumber): TunnelInterface | undefined {
    return this.#tunnels.get(peer);
  }

  /** ovn-controller adds a tunnel, without BFD. Returns whether it was not there. */
  add(peer: ChassisNumber): boolean {
    if (this.#tunnels.has(peer)) return false;
    this.#tunnels.set(peer, {bfd: undefined, status: undefined});
    this.#peers = undefined;
    this.onConfiguration?.(peer);
    return true;
  }

  /** ovn-controller sets the BFD of a tunnel, or switches it off. Returns whether that changed anything. */
  setBfd(peer: ChassisNumber, bfd: OvsBfdSettings | undefined): boolean {
    const tunnel = this.#tunnels.get(peer);
    if (!tunnel || sameSettings(tunnel.bfd, bfd)) return false;
    this.#tunnels.set(peer, {...tunnel, bfd});
    this.onConfiguration?.(peer);
    return true;
  }

  /** ovn-controller removes a tunnel. Returns whether it was there. */
  remove(peer: ChassisNumber): boolean {
    if (!this.#tunnels.delete(peer)) return false;
    this.#peers = undefined;
    this.onConfiguration?.(peer);
    return true;
  }

  /**
   * ovs-vswitchd writes `bfd_status` because something in it has changed: the state, or what the peer says of its own.
   * ovn-controller wakes for either.
   */
  report(peer: ChassisNumber, status: BfdState | undefined): void {
    const tunnel = this.#tunnels.get(peer);
    if (!tunnel) return;
    this.#tunnels.set(peer, {...tunnel, status});
    this.onStatus?.(peer);
  }
}

function sameSettings(a: OvsBfdSettings | undefined, b: OvsBfdSettings | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.minTx === b.minTx && a.minRx === b.minRx && a.mult === b.mult && a.decayMinRx === b.decayMinRx;
}
