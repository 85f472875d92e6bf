import {seconds, type Time} from '../../../engine/time.ts';
import type {Passage, Verdict} from '../../dataplane/passage.ts';
import type {Station} from '../../dataplane/station.ts';
import type {Ground} from '../../ground.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import type {PortStatus} from '../../tables/neutron-contents.ts';
import type {NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Frame} from '../../wire/frame.ts';
import type {NeutronChassis} from './neutron-chassis.ts';

export type ComputeSurroundings = {
  chassis(number: ChassisNumber): NeutronChassis;
  /** The VM behind a port. */
  vm(port: NeutronPortNumber): Station;
  /** What neutron-server says of a port: it may not have been made yet. */
  statusOf(port: NeutronPortNumber): PortStatus | undefined;
  /** Why neutron-server cannot be asked, if it cannot. */
  neutronFlaw(): string | undefined;
  /** Has neutron-server make a port, and goes on then. */
  createPort(port: NeutronPortNumber, made: () => void): void;
};

/** How long a VM waits for its port to be ACTIVE before it is given up (nova/conf/compute.py, vif_plugging_timeout). */
const plugTimeout: Time = seconds(300);

/** Nova as far as the network notices: which VM is on which host. Its own daemons work wherever there is power. */
export class ComputeService {
  readonly #ground: Ground;
  readonly #among: ComputeSurroundings;
  /** Where each VM runs, or will when it is started. */
  readonly #homes = new Map<NeutronPortNumber, ChassisNumber>();
  readonly #homeFacts: KeyedFacts;
  /** VMs that wait for their port, and since when. */
  readonly #starting = new Map<NeutronPortNumber, Time>();

  constructor(ground: Ground, among: ComputeSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#homeFacts = new KeyedFacts(ground.ledger);
  }

  homeOf(port: NeutronPortNumber): ChassisNumber | undefined {
    return this.#homes.get(port);
  }

  /** A VM is there when the run begins, started or not. */
  place(port: NeutronPortNumber, home: ChassisNumber, isOff: boolean): void {
    this.#homes.set(port, home);
    if (isOff) this.#among.vm(port).switch(false);
    else this.#among.chassis(home).addVm(port);
  }

  /** A frame leaves a VM on the host that it is on. */
  transmit(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#homeFacts.of(port));
    return this.#host(port).linux.transmit(port, frame, passage);
  }

  /**
   * Starts a VM on its host, with a new port if it has none yet. Returns why not: `start` asks that the host is up
   * (nova/compute/api.py, check_instance_host), and Neutron for the VM's ports (compute/manager.py, _power_on).
   */
  boot(port: NeutronPortNumber): string | undefined {
    const host = this.#host(port);
    if (!host.powered) return `${host.name} is down`;
    if (host.vms.has(port)) return `it is on already`;
    const flaw = this.#among.neutronFlaw();
    if (flaw !== undefined) return flaw;
    const plug = (): void => {
      this.#plug(port);
    };
    if (this.#among.statusOf(port) === undefined) this.#among.createPort(port, plug);
    else plug();
    return undefined;
  }

  /** Neutron says that a port is ACTIVE (network-vif-plugged). */
  activated(port: NeutronPortNumber): void {
    const since = this.#starting.get(port);
    if (since === undefined) return;
    const {engine} = this.#ground;
    const before = engine.cause;
    this.#start(port, engine.now - since);
    engine.cause = before;
  }

  /**
   * The VM's device goes from one host and appears on another. Returns why not: a live migration asks for a VM that runs and
   * for two hosts that are up (nova/conductor/tasks/live_migrate.py).
   */
  move(port: NeutronPortNumber, to: ChassisNumber): string | undefined {
    const [from, target] = [this.#host(port), this.#among.chassis(to)];
    if (!from.powered) return `${from.name}, where it is, is down`;
    if (!from.vms.has(port)) return 'it is off';
    if (!target.powered) return `${target.name} is down`;
    if (from === target) return `it is on ${target.name} already`;
    from.removeVm(port);
    this.#homes.set(port, to);
    this.#homeFacts.changed(port, this.#ground.engine.cause);
    target.addVm(port);
    return undefined;
  }

  /** The VM's device is there. It runs as soon as its port is ACTIVE, as far as Nova knows (libvirt/driver.py). */
  #plug(port: NeutronPortNumber): void {
    const {engine, later} = this.#ground;
    const host = this.#host(port);
    if (!host.powered) return;
    host.addVm(port);
    if (this.#among.statusOf(port) === 'ACTIVE') {
      this.#start(port, 0);
      return;
    }
    const since = engine.now;
    this.#starting.set(port, since);
    later.at(since + plugTimeout, () => {
      if (this.#starting.get(port) === since) this.#giveUp(port);
    });
  }

  #start(port: NeutronPortNumber, waited: Time): void {
    this.#starting.delete(port);
    const {engine, journal} = this.#ground;
    const host = this.#host(port);
    if (!host.vms.has(port)) return;
    const machine = this.#among.vm(port);
    engine.cause = journal.announce('vm started', {vm: machine.name, chassis: host.name, waited});
    machine.switch(true);
  }

  /** `vif_plugging_is_fatal` */
  #giveUp(port: NeutronPortNumber): void {
    this.#starting.delete(port);
    const {engine, journal} = this.#ground;
    const host = this.#host(port);
    if (!host.vms.has(port)) return;
    engine.cause = journal.announce('vm not started', {vm: this.#among.vm(port).name, chassis: host.name});
    host.removeVm(port);
  }

  #host(port: NeutronPortNumber): NeutronChassis {
    return this.#among.chassis(this.#homes.get(port) ?? 0);
  }
}
