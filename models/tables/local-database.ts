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
  /** Told when ovn-controller has written. */
  onConfiguration: ((peer: ChassisNumber) => void) | undefined;
  /** Told when ovs-vswitchd has written. */
  onStatus: ((peer: ChassisNumber) => void) | undefined;

  /** Peers with a tunnel, in order of their number. */
  get peers(): readonly ChassisNumber[] {
    return [...this.#tunnels.keys()].sort((a, b) => a - b);
  }

  tunnel(peer: ChassisNumber): TunnelInterface | undefined {
    return this.#tunnels.get(peer);
  }

  /** ovn-controller adds a tunnel or changes its BFD. */
  configure(peer: ChassisNumber, bfd: OvsBfdSettings | undefined): void {
    const before = this.#tunnels.get(peer);
    if (before && sameSettings(before.bfd, bfd)) return;
    this.#tunnels.set(peer, {bfd, status: before?.status});
    this.onConfiguration?.(peer);
  }

  /** ovn-controller removes a tunnel. */
  remove(peer: ChassisNumber): void {
    if (this.#tunnels.delete(peer)) this.onConfiguration?.(peer);
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
