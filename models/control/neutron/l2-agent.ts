import {draw} from '../../../engine/chance.ts';
import type {Time} from '../../../engine/time.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Ground} from '../../ground.ts';
import type {HostBridges, HostDevices, HostFirewall} from '../../tables/host-network.ts';
import {portName} from '../../tables/neutron-contents.ts';
import {deviceName, type NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Stream} from '../../wire/stream.ts';
import {AgentProgram, type AgentPlace} from './agent-program.ts';
import {ForwardingEntries} from './forwarding-entries.ts';
import {l2AgentQueues, type Cast, type SecurityGroupInfo} from './messages.ts';
import {PortFilters} from './port-filters.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';

export type L2AgentSurroundings = AgentPlace & {
  readonly devices: HostDevices;
  readonly bridges: HostBridges;
  readonly firewall: HostFirewall;
  /** `local_ip`; undefined of a host without tunnels. */
  readonly endpoint: Ipv4 | undefined;
};

/** What a scan found, and what is still to be done of what the one before found. */
type Scan = {
  /** Devices that are there, with their numbers. */
  readonly current: ReadonlyMap<NeutronPortNumber, number>;
  readonly added: readonly NeutronPortNumber[];
  readonly updated: readonly NeutronPortNumber[];
  readonly removed: readonly NeutronPortNumber[];
};

const daemon = 'neutron-linuxbridge-agent';

/**
 * neutron-linuxbridge-agent (plugins/ml2/drivers/agent/_common_agent.py): one loop looks every two seconds which devices
 * are there, asks the server about new ones, wires them one after the other and says so after each. Any call that fails
 * makes the next round take up every device again. Forwarding entries are taken in beside it. What it has done to the host
 * stays when it dies.
 */
export class L2Agent {
  readonly program: AgentProgram;
  readonly #ground: Ground;
  readonly #among: L2AgentSurroundings;
  #process!: Process;
  #rpc!: Rpc;
  #fullSync = false;
  #entries!: ForwardingEntries;
  #filters!: PortFilters;
  /** Ports of which the server has told something, and from what that followed. */
  #updated = new Map<NeutronPortNumber, number>();
  /** Ports that this process has wired, so that only new ones are announced. */
  #wired = new Set<NeutronPortNumber>();

  constructor(ground: Ground, among: L2AgentSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.program = new AgentProgram(ground, daemon, among, {
      listensTo: life => l2AgentQueues(among.name, life),
      assemble: (process, rpc) => {
        this.#assemble(process, rpc);
      },
      begin: () => {
        this.#startThreads(undefined, 0);
      },
      heardCast: cast => {
        this.#take(cast);
      },
    });
  }

  /** Begins as after a long quiet time: every device that is there is wired, as `settleHost` leaves it. */
  beginSettled(stream: Stream, info: (ports: readonly NeutronPortNumber[]) => SecurityGroupInfo): void {
    const {inventory, name, settings} = this.#among;
    const current = this.#devices();
    const ports = [...current.keys()];
    this.#filters.beginSettled(ports, info(ports));
    for (const port of ports) this.#filters.protect(port);
    for (const port of current.keys()) this.#entries.networks.add(inventory.ports[port].network);
    this.#wired = new Set(current.keys());
    this.program.beginSettled(stream);
    const luck = this.#ground.streams.of(`${name}/${daemon}/phases`);
    const first = Math.floor(draw(luck, 1) * settings.pollingInterval);
    const scan: Scan = {current, added: [], updated: [], removed: []};
    this.#startThreads(scan, first);
  }

  #assemble(process: Process, rpc: Rpc): void {
    this.#process = process;
    this.#rpc = rpc;
    this.#entries = new ForwardingEntries(this.#ground, process, {...this.#among, daemon, step: 'l2-forward'});
    this.#filters = new PortFilters(this.#ground, process, rpc, {
      ...{...this.#among, daemon},
      bridgeOf: ({network}) => deviceName('brq', this.#among.inventory.networks[network].id),
    });
    this.#fullSync = false;
    this.#wired = new Set();
    this.#updated = new Map();
  }

  #startThreads(before: Scan | undefined, firstScan: Time): void {
    this.program.report(before === undefined ? 'now' : 'when due', {
      revived: () => {
        this.#fullSync = true;
      },
    });
    this.#process.run(this.#loop(before, firstScan));
    this.#process.run(this.#entries.write());
  }

  #take(cast: Cast): void {
    switch (cast.method) {
      case 'add_fdb_entries':
      case 'remove_fdb_entries':
        this.#entries.take(cast);
        return;
      case 'port_update':
        this.#updated.set(cast.argument.port, this.#ground.engine.cause);
        return;
      case 'security_groups_rule_updated':
      case 'security_groups_member_updated':
        this.#filters.take(cast);
        return;
      default:
        return;
    }
  }

  /** daemon_loop */
  *#loop(before: Scan | undefined, first: Time): Thread {
    const {engine} = this.#ground;
    let sync = before === undefined;
    let scan: Scan = before ?? {current: new Map(), added: [], updated: [], removed: []};
    yield* this.#process.sleep(first);
    for (;;) {
      const begunAt = engine.now;
      if (this.#fullSync) {
        sync = true;
        this.#fullSync = false;
      }
      yield* this.#step('l2-scan');
      scan = this.#scan(scan, sync);
      engine.cause = this.#causeOf(scan, sync ? engine.cause : 0);
      sync = yield* this.#treat(scan);
      yield* this.#process.sleep(begunAt + this.#among.settings.pollingInterval - engine.now);
    }
  }

  /** scan_devices. A device that has gone and come again since the last scan is known by its number (ifindex). */
  #scan(before: Scan, sync: boolean): Scan {
    const current = this.#devices();
    const ports = [...current.keys()];
    const made = ports.filter(port => (before.current.get(port) ?? current.get(port)) !== current.get(port));
    for (const port of made) {
      this.#wired.delete(port);
      this.#updated.set(port, this.#among.deviceCauses.whyThere(port));
    }
    const told = [...this.#updated.keys()].filter(port => current.has(port));
    const gone = [...before.current.keys()].filter(port => !current.has(port));
    if (!sync) {
      return {current, added: ports.filter(port => !before.current.has(port)), updated: told, removed: gone};
    }
    return {
      current,
      added: ports,
      updated: [...new Set([...before.updated, ...told])],
      removed: [...new Set([...before.removed, ...gone])],
    };
  }

  #devices(): ReadonlyMap<NeutronPortNumber, number> {
    const {devices} = this.#among;
    return new Map(devices.devices().map(port => [port, devices.deviceIndex(port)]));
  }

  /** The latest of what a round follows from. */
  #causeOf({added, updated}: Scan, before: number): number {
    const causes = [
      this.#filters.marked?.cause ?? 0,
      ...added.map(port => this.#among.deviceCauses.whyThere(port)),
      ...updated.map(port => this.#updated.get(port) ?? 0),
    ];
    this.#updated = new Map();
    return Math.max(before, ...causes);
  }

  /** process_network_devices. Says whether all must be taken up again. */
  *#treat({added, updated, removed}: Scan): Thread<boolean> {
    const wanted = [...new Set([...added, ...updated])];
    let again = false;
    if ((yield* this.#filters.setUp(added, updated)) === 'broke off') return true;
    if (wanted.length > 0) {
      const outcome = yield* this.#wire(wanted);
      if (outcome === 'broke off') return true;
      again = outcome === 'no details';
    }
    yield* this.#filters.remove(removed);
    for (const port of removed) {
      this.#wired.delete(port);
      const {chassis} = this.#among;
      if ((yield* this.#rpc.call('q-plugin', 'update_device_down', {chassis, port})) === 'timed out') again = true;
    }
    return again;
  }

  /** treat_devices_added_updated. A report of a wired port that fails ends the round; ports after it are not wired. */
  *#wire(ports: readonly NeutronPortNumber[]): Thread<'done' | 'no details' | 'broke off'> {
    const {chassis, inventory, devices, bridges, name} = this.#among;
    const {engine, journal} = this.#ground;
    const details = yield* this.#rpc.call('q-plugin', 'get_devices_details_list', {chassis, ports});
    if (details === 'timed out') return 'no details';
    for (const {port, activeHere} of details.answer) {
      if (!activeHere) continue;
      this.#entries.networks.add(inventory.ports[port].network);
      yield* this.#step('l2-wire');
      if (!devices.devices().includes(port)) continue;
      this.#filters.protect(port);
      bridges.plug(port);
      if (!this.#wired.has(port)) {
        this.#wired.add(port);
        engine.cause = journal.announce('port wired', {chassis: name, port: portName(inventory, port)});
      }
      if ((yield* this.#rpc.call('q-plugin', 'update_device_up', {chassis, port})) === 'timed out') return 'broke off';
    }
    return 'done';
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, daemon));
  }
}
