import {draw} from '../../../../engine/chance.ts';
import type {Time} from '../../../../engine/time.ts';
import type {Step} from '../../../daemons/host-profile.ts';
import type {Ground} from '../../../ground.ts';
import type {HostDevices, HostFirewall} from '../../../tables/host-network.ts';
import type {BridgeName, HostSwitch, TunnelType} from '../../../tables/host-switch.ts';
import {portName} from '../../../tables/neutron-contents.ts';
import {deviceName, type NeutronPortNumber} from '../../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../../tables/topology.ts';
import type {Ipv4} from '../../../wire/ipv4.ts';
import type {Stream} from '../../../wire/stream.ts';
import {AgentProgram, type AgentPlace} from '../agent-program.ts';
import {ForwardingEntries} from '../forwarding-entries.ts';
import {l2AgentQueues, type Cast, type SecurityGroupInfo} from '../messages.ts';
import {PortFilters} from '../port-filters.ts';
import type {Process, Thread} from '../process.ts';
import type {Rpc} from '../rpc.ts';
import {OvsWiring} from './ovs-wiring.ts';

export type OvsAgentSurroundings = AgentPlace & {
  readonly devices: HostDevices;
  readonly ovs: HostSwitch;
  readonly firewall: HostFirewall;
  /** `local_ip`; undefined of a host without tunnels. */
  readonly endpoint: Ipv4 | undefined;
  /** `tunnel_types` */
  readonly tunnelTypes: readonly TunnelType[];
};

/** What a round found to do. */
type Round = {
  readonly wanted: readonly NeutronPortNumber[];
  /** Of these what is to be filtered from the beginning. */
  readonly fresh: ReadonlySet<NeutronPortNumber>;
  readonly again: readonly NeutronPortNumber[];
  readonly removed: readonly NeutronPortNumber[];
};

const daemon = 'neutron-openvswitch-agent';

/** Ports in one call that says what is wired (rpc_resources_processing_step). */
const portsInCall = 20;

/**
 * neutron-openvswitch-agent (plugins/ml2/drivers/openvswitch/agent/ovs_neutron_agent.py): one loop looks every two seconds
 * whether ovs-vswitchd is still the one that it knew and which devices came and went, gives those a VLAN of br-int one after
 * the other, and then says of all at once that they are wired. What L2 population tells is written beside it. Flows stay when
 * it dies; a new process makes them anew and then deletes those that it did not make.
 */
export class OvsAgent {
  readonly program: AgentProgram;
  readonly #ground: Ground;
  readonly #among: OvsAgentSurroundings;
  #process!: Process;
  #rpc!: Rpc;
  #wiring!: OvsWiring;
  #entries!: ForwardingEntries;
  #filters!: PortFilters;
  #fullSync = false;
  /** Devices that this process has dealt with, with their numbers. */
  #registered: ReadonlyMap<NeutronPortNumber, number> = new Map();
  #failed: readonly NeutronPortNumber[] = [];
  /** Ports of which the server has told something, and from what that followed. */
  #updated = new Map<NeutronPortNumber, number>();
  /** Where ports are bound, as far as the server has told (RemoteResourceCache). */
  #bindings = new Map<NeutronPortNumber, ChassisNumber | undefined>();

  constructor(ground: Ground, among: OvsAgentSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.program = new AgentProgram(ground, daemon, among, {
      listensTo: life => l2AgentQueues(among.name, life),
      assemble: (process, rpc, life) => {
        this.#assemble(process, rpc, life);
      },
      begin: () => {
        this.#process.run(this.#begin());
      },
      heardCast: cast => {
        this.#take(cast);
      },
    });
    this.#wiring.setUp();
  }

  /** What the present process has made of the bridges. */
  get wiring(): OvsWiring {
    return this.#wiring;
  }

  /** Begins as after a long quiet time: every device that is there is wired, as `settleHost` leaves it. */
  beginSettled(
    stream: Stream,
    info: (ports: readonly NeutronPortNumber[]) => SecurityGroupInfo,
    endpoints: readonly (Ipv4 | undefined)[],
  ): void {
    const {inventory, name, settings} = this.#among;
    this.#registered = this.#devices();
    const ports = [...this.#registered.keys()];
    this.#filters.beginSettled(ports, info(ports));
    for (const port of ports) this.#wiring.protect(port, this.#filters.protectionOf(port));
    for (const port of this.#registered.keys()) this.#entries.networks.add(inventory.ports[port].network);
    for (const {number, home} of inventory.ports) this.#bindings.set(number, home);
    this.#addEndpoints(endpoints);
    this.program.beginSettled(stream);
    const luck = this.#ground.streams.of(`${name}/${daemon}/phases`);
    const first = Math.floor(draw(luck, 1) * settings.pollingInterval);
    this.#report('when due');
    this.#process.run(this.#entries.write());
    this.#process.run(this.#loop(first));
  }

  #assemble(process: Process, rpc: Rpc, life: number): void {
    const {settings, ovs, inventory} = this.#among;
    const cookieOf = (bridge: BridgeName): string => this.#cookie(bridge, life);
    this.#process = process;
    this.#rpc = rpc;
    this.#wiring = new OvsWiring({inventory, settings, ovs, cookieOf});
    this.#entries = new ForwardingEntries(this.#ground, process, {
      ...this.#among,
      ...{bridges: this.#wiring, daemon, step: 'ovs-flow' as const},
    });
    this.#filters = new PortFilters(this.#ground, process, rpc, {
      ...{...this.#among, daemon},
      bridgeOf: ({id}) => deviceName('qbr', id),
    });
    this.#fullSync = false;
    this.#registered = new Map();
    this.#failed = [];
    this.#updated = new Map();
    this.#bindings = new Map();
  }

  /** 64 bits (ovs_lib.py, generate_random_cookie). */
  #cookie(bridge: BridgeName, life: number): string {
    const luck = this.#ground.streams.of(`${this.#among.name}/${bridge}/cookies`);
    const word = (half: number): string => Math.floor(draw(luck, life * 2 + half) * 0x1_0000_0000).toString(16);
    return `0x${word(0)}${word(1).padStart(8, '0')}`;
  }

  #report(from: 'now' | 'when due'): void {
    this.program.report(from, {
      revived: () => {
        this.#fullSync = true;
      },
    });
  }

  #take(cast: Cast): void {
    switch (cast.method) {
      case 'add_fdb_entries':
      case 'remove_fdb_entries':
        this.#entries.take(cast);
        return;
      case 'port_update': {
        const {port, chassis} = cast.argument;
        this.#bindings.set(port, chassis);
        this.#updated.set(port, this.#ground.engine.cause);
        return;
      }
      case 'security_groups_rule_updated':
      case 'security_groups_member_updated':
        this.#filters.take(cast);
        return;
      case 'tunnel_update': {
        const {endpoint, type} = cast.argument;
        const {endpoint: own, settings} = this.#among;
        if (!settings.l2Population && endpoint !== own) this.#wiring.addEndpoints(type, [endpoint]);
        return;
      }
      default:
        return;
    }
  }

  /** Before the loop (__init__): flows of its own beside the old ones, and a server that answers. */
  *#begin(): Thread {
    yield* this.#switchAnswers();
    yield* this.#step('ovs-set-up');
    this.#wiring.setUp();
    const {chassis} = this.#among;
    while ((yield* this.#rpc.call('q-reports-plugin', 'has_alive_neutron_server', {chassis})) === 'timed out');
    this.#wiring.restore(this.#among.devices.devices());
    this.#report('now');
    this.#process.run(this.#entries.write());
    yield* this.#loop(undefined);
  }

  /** rpc_loop. `first`: when the next round is of a process that has run for long; undefined of a new one. */
  *#loop(first: Time | undefined): Thread {
    const {engine} = this.#ground;
    const {settings, endpoint} = this.#among;
    let [isNew, tunnelsMissing, stale, sync] = [first === undefined, first === undefined, first === undefined, false];
    yield* this.#process.sleep(first ?? 0);
    for (;;) {
      const begunAt = engine.now;
      sync ||= this.#fullSync;
      this.#fullSync = false;
      yield* this.#switchAnswers();
      const restarted = !this.#wiring.isSetUp;
      if (restarted) {
        yield* this.#setUpAgain();
        tunnelsMissing = true;
      }
      if (tunnelsMissing && endpoint !== undefined) tunnelsMissing = !(yield* this.#syncTunnels(endpoint));
      yield* this.#step('l2-scan');
      const {current, round} = this.#scan(sync || restarted || isNew);
      const outcome = yield* this.#treat(round, restarted, isNew || restarted);
      if (outcome === 'broke off') sync = true;
      else {
        sync = false;
        this.#registered = current;
        if (stale) yield* this.#cleanUp();
        [isNew, stale] = [false, false];
        this.#wiring.forgetHints();
      }
      yield* this.#process.sleep(begunAt + settings.pollingInterval - engine.now);
      engine.cause = 0;
    }
  }

  /** A new ovs-vswitchd has no flows (_handle_ovs_restart). */
  *#setUpAgain(): Thread {
    const {engine, journal} = this.#ground;
    engine.cause = journal.announce('switch restart noticed', {chassis: this.#among.name});
    yield* this.#step('ovs-set-up');
    this.#wiring.forgetTunnels();
    this.#wiring.setUp();
  }

  /** Tells the server of its own endpoint and, without L2 population, hears of all. Says whether that went well. */
  *#syncTunnels(endpoint: Ipv4): Thread<boolean> {
    for (const type of this.#among.tunnelTypes) {
      const tunnels = yield* this.#rpc.call('q-plugin', 'tunnel_sync', {chassis: this.#among.chassis, endpoint, type});
      if (tunnels === 'timed out') return false;
      if (this.#among.settings.l2Population) continue;
      for (const _ of tunnels.answer) yield* this.#step('ovs-flow');
      const others = tunnels.answer.filter(other => other !== endpoint);
      this.#wiring.addEndpoints(type, others);
    }
    return true;
  }

  #addEndpoints(endpoints: readonly (Ipv4 | undefined)[]): void {
    const {settings, endpoint, tunnelTypes} = this.#among;
    if (settings.l2Population || endpoint === undefined) return;
    const others = endpoints.filter(other => other !== undefined && other !== endpoint) as readonly Ipv4[];
    for (const type of tunnelTypes) this.#wiring.addEndpoints(type, others);
  }

  /** What came, went and changed. `all`: every device is taken up. */
  #scan(all: boolean): {readonly current: ReadonlyMap<NeutronPortNumber, number>; readonly round: Round} {
    const {engine} = this.#ground;
    const {deviceCauses} = this.#among;
    const current = this.#devices();
    const before = this.#registered;
    const again = [...current].filter(([port, index]) => (before.get(port) ?? index) !== index).map(([port]) => port);
    const added = [...current.keys()].filter(port => all || !before.has(port) || again.includes(port));
    const told = [...this.#updated.keys()].filter(port => current.has(port));
    const failed = this.#failed.filter(port => current.has(port));
    const causes = [
      ...added.filter(port => !before.has(port)).map(port => deviceCauses.whyThere(port)),
      ...again.map(port => deviceCauses.whyThere(port)),
      ...told.map(port => this.#updated.get(port) ?? 0),
    ];
    engine.cause = Math.max(engine.cause, this.#filters.marked?.cause ?? 0, ...causes);
    this.#updated = new Map();
    return {
      current,
      round: {
        wanted: [...new Set([...added, ...told, ...failed])],
        fresh: new Set(added),
        again,
        removed: [...before.keys()].filter(port => !current.has(port)),
      },
    };
  }

  #devices(): ReadonlyMap<NeutronPortNumber, number> {
    const {devices} = this.#among;
    return new Map(devices.devices().map(port => [port, devices.deviceIndex(port)]));
  }

  /** process_network_ports. A call that says what is wired and is not answered ends the round. */
  *#treat(round: Round, provision: boolean, refresh: boolean): Thread<'done' | 'broke off'> {
    const {wanted, fresh, again, removed} = round;
    const {chassis, inventory} = this.#among;
    if (again.length > 0 && !(yield* this.#tell({chassis, up: [], down: again, refresh: false}))) return 'broke off';
    const provisioned = new Set<number>();
    const bound: NeutronPortNumber[] = [];
    const failed: NeutronPortNumber[] = [];
    for (const port of wanted) {
      const binding = yield* this.#bindingOf(port);
      if (binding === 'unknown') failed.push(port);
      else if (yield* this.#bind(port, binding === 'here', provision, provisioned)) bound.push(port);
    }
    this.#failed = failed;
    const updated = wanted.filter(port => !fresh.has(port));
    if ((yield* this.#filters.setUp([...fresh], updated)) === 'broke off') return 'broke off';
    for (const port of bound) this.#wiring.protect(port, this.#filters.protectionOf(port));
    const asks = refresh || bound.some(port => this.#wiring.floodsNowhere(inventory.ports[port].network));
    if (bound.length > 0 && !(yield* this.#tell({chassis, up: bound, down: [], refresh: asks}))) return 'broke off';
    if (removed.length > 0) {
      if (!(yield* this.#tell({chassis, up: [], down: removed, refresh: false}))) return 'broke off';
      yield* this.#filters.remove(removed);
      for (const port of removed) this.#unplug(port);
    }
    return 'done';
  }

  /** Where a port is bound: what the server has told once is not asked again. */
  *#bindingOf(port: NeutronPortNumber): Thread<'here' | 'elsewhere' | 'unknown'> {
    const {chassis, inventory} = this.#among;
    if (!this.#bindings.has(port)) {
      const told = yield* this.#rpc.call('q-plugin', 'pull_port', {chassis, port});
      if (told === 'timed out') return 'unknown';
      if (!this.#bindings.has(port)) this.#bindings.set(port, told.answer.chassis);
    }
    // Whoever has a router has its ports.
    if (inventory.ports[port].kind !== 'vm') return 'here';
    return this.#bindings.get(port) === chassis ? 'here' : 'elsewhere';
  }

  *#bind(port: NeutronPortNumber, isHere: boolean, provision: boolean, provisioned: Set<number>): Thread<boolean> {
    const {inventory, devices, name} = this.#among;
    const {engine, journal} = this.#ground;
    const {network} = inventory.ports[port];
    yield* this.#step('l2-wire');
    if (!devices.devices().includes(port)) return false;
    if (!isHere) {
      this.#wiring.kill(port);
      return false;
    }
    this.#entries.networks.add(network);
    this.#wiring.bind(port, provision && !provisioned.has(network));
    provisioned.add(network);
    const index = devices.deviceIndex(port);
    if (provision || this.#registered.get(port) !== index) {
      engine.cause = journal.announce('port wired', {chassis: name, port: portName(inventory, port)});
    }
    return true;
  }

  #unplug(port: NeutronPortNumber): void {
    const {network} = this.#among.inventory.ports[port];
    this.#wiring.unplug(port);
    if (!this.#wiring.has(network)) this.#entries.networks.delete(network);
  }

  /** update_device_list. Says whether all was answered. */
  *#tell(news: {
    readonly chassis: ChassisNumber;
    readonly up: readonly NeutronPortNumber[];
    readonly down: readonly NeutronPortNumber[];
    readonly refresh: boolean;
  }): Thread<boolean> {
    for (let first = 0; first < Math.max(news.up.length, news.down.length); first += portsInCall) {
      const part = (ports: readonly NeutronPortNumber[]) => ports.slice(first, first + portsInCall);
      const argument = {...news, up: part(news.up), down: part(news.down)};
      if ((yield* this.#rpc.call('q-plugin', 'update_device_list', argument)) === 'timed out') return false;
    }
    return true;
  }

  *#cleanUp(): Thread {
    const {engine, journal} = this.#ground;
    yield* this.#step('ovs-set-up');
    const cookies = this.#wiring.cleanUp();
    if (cookies > 0) engine.cause = journal.announce('stale flows deleted', {chassis: this.#among.name, cookies});
  }

  /** What it asks a switch that does not answer waits. */
  *#switchAnswers(): Thread {
    const {ovs} = this.#among;
    while (!ovs.answering) {
      yield done => {
        ovs.whenAnswering(done);
      };
    }
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, daemon));
  }
}
