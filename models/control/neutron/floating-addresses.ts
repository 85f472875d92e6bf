import type {Step} from '../../daemons/host-profile.ts';
import type {Ground} from '../../ground.ts';
import {portName} from '../../tables/neutron-contents.ts';
import type {
  FloatingNumber,
  NetworkNumber,
  NeutronFloating,
  NeutronPortNumber,
  RouterNumber,
} from '../../tables/neutron-inventory.ts';
import {formatIpv4} from '../../wire/ipv4.ts';
import {l3AgentQueue} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {MovesSurroundings} from './router-moves.ts';
import type {Rpc} from './rpc.ts';

/** What users do with floating addresses at the server (neutron/db/l3_db.py); the agent of their router is told. */
export class FloatingAddresses {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: MovesSurroundings;

  constructor(ground: Ground, process: Process, rpc: Rpc, among: MovesSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
  }

  *associate(floating: FloatingNumber, port: NeutronPortNumber | undefined): Thread {
    const {inventory, contents} = this.#among;
    yield* this.#step('server-rpc');
    const address = inventory.floating[floating];
    if (!contents.isFloatingMade(floating)) {
      this.#refuse('associate', formatIpv4(address.address), 'there is no such floating IP (404 FloatingIPNotFound)');
      return;
    }
    const other = port === undefined ? undefined : this.#otherOf(port, address);
    if (other) this.#refuseSecond('associate', formatIpv4(address.address), port!, other);
    else yield* this.#lead(address, port);
  }

  /**
   * Makes a floating address that leads to a port. Neutron gives it a port of its own on the external network first, with an
   * address of the pool, by some luck one of the lowest; here the lowest.
   */
  *allocate(port: NeutronPortNumber): Thread {
    const {inventory, contents} = this.#among;
    yield* this.#step('server-rpc');
    const {network} = inventory.ports[port];
    const router = inventory.routers.find(
      ({gateway, interfaces}) =>
        gateway !== undefined && interfaces.some(at => inventory.ports[at].network === network),
    );
    const name = portName(inventory, port);
    const free = inventory.floating
      .filter(floating => floating.router === router?.number && !this.#isTaken(floating))
      .sort((a, b) => a.address - b.address)
      .at(0);
    if (!free) {
      const outside = router?.gateway === undefined ? undefined : inventory.ports[router.gateway].network;
      const place = outside === undefined ? 'no network outside' : inventory.networks[outside].name;
      this.#refuse('allocate', name, `no address of ${place} is left (409 IpAddressGenerationFailure)`);
      return;
    }
    const other = this.#otherOf(port, free);
    if (other) {
      this.#refuseSecond('allocate', name, port, other);
      return;
    }
    contents.setFloatingMade(free.number, true);
    yield* this.#lead(free, port);
  }

  /** Deletes a floating address: another may have it from now on. */
  *release(floating: FloatingNumber): Thread {
    const {inventory, contents} = this.#among;
    yield* this.#step('server-rpc');
    const {address} = inventory.floating[floating];
    if (!contents.isFloatingMade(floating)) {
      this.#refuse('release', formatIpv4(address), 'there is no such floating IP (404 FloatingIPNotFound)');
      return;
    }
    contents.setFloatingMade(floating, false);
    if (contents.targetOf(floating) !== undefined) yield* this.#lead(inventory.floating[floating], undefined);
  }

  *#lead({number, address, router}: NeutronFloating, port: NeutronPortNumber | undefined): Thread {
    const {inventory, contents, scheduling} = this.#among;
    const {engine, journal} = this.#ground;
    const name = (target: NeutronPortNumber | undefined): string | undefined =>
      target === undefined ? undefined : portName(inventory, target);
    const detail = {address, from: name(contents.targetOf(number)), to: name(port)};
    contents.associate(number, port);
    engine.cause = journal.announce('floating address associated', detail);
    // A router that nobody hosts is scheduled first (_notification); only agents thought alive are told (get_hosts_to_notify).
    const chosen = contents.agentsOf(router).length === 0 ? scheduling.choose() : undefined;
    if (chosen !== undefined) scheduling.schedule(router, chosen);
    for (const host of contents.agentsOf(router).filter(agent => scheduling.isAlive(agent))) {
      yield* this.#rpc.cast({queue: l3AgentQueue(inventory.chassis[host])}, 'routers_updated', {router});
    }
  }

  /** Whether a floating address of any router has this address. */
  #isTaken({address}: NeutronFloating): boolean {
    const {inventory, contents} = this.#among;
    return inventory.floating.some(other => other.address === address && contents.isFloatingMade(other.number));
  }

  /** Another floating address of the same external network that leads to a port (_check_and_get_fip_assoc). */
  #otherOf(port: NeutronPortNumber, {number: own, router: at}: NeutronFloating): NeutronFloating | undefined {
    const {inventory, contents} = this.#among;
    const networkOf = (router: RouterNumber): NetworkNumber | undefined => {
      const {gateway} = inventory.routers[router];
      return gateway === undefined ? undefined : inventory.ports[gateway].network;
    };
    return inventory.floating.find(
      ({number, router}) => number !== own && contents.targetOf(number) === port && networkOf(router) === networkOf(at),
    );
  }

  #refuseSecond(
    what: 'associate' | 'allocate',
    subject: string,
    port: NeutronPortNumber,
    other: NeutronFloating,
  ): void {
    const name = portName(this.#among.inventory, port);
    this.#refuse(what, subject, `${name} has ${formatIpv4(other.address)} (409 FloatingIPPortAlreadyAssociated)`);
  }

  #refuse(what: 'associate' | 'allocate' | 'release', subject: string, reason: string): void {
    this.#ground.journal.announce('operation refused', {what, subject, reason});
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, 'neutron-server'));
  }
}
