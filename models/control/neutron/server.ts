import {draw, drawWhole} from '../../../engine/chance.ts';
import {never, seconds, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {AgentKind, NeutronContents} from '../../tables/neutron-contents.ts';
import type {
  FloatingNumber,
  NeutronInventory,
  NeutronPortNumber,
  RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {GroupRule} from '../../protocols/security-group.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {checkInterval} from './agent-checks.ts';
import {AgentReports} from './agent-reports.ts';
import type {BusConnection} from './bus-connection.ts';
import {FloatingAddresses} from './floating-addresses.ts';
import {GroupNotifier} from './group-notifier.ts';
import {DhcpNotifier} from './dhcp-notifier.ts';
import {DhcpScheduling} from './dhcp-scheduling.ts';
import {Inbox} from './inbox.ts';
import {L2Population} from './l2-population.ts';
import {
  l2Fanout,
  serverQueues,
  type Call,
  type Cast,
  type DhcpNetworkDetails,
  type QueueDeclaration,
  type RouterDetails,
} from './messages.ts';
import {PortWiring, type Outgoing} from './port-wiring.ts';
import {Process, type Thread} from './process.ts';
import {traitsOf} from './releases.ts';
import {RouterMoves} from './router-moves.ts';
import {RouterScheduling} from './router-scheduling.ts';
import {Rpc, type Asked} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';
import {settledReportAt} from './state-reports.ts';

export type ServerSurroundings = {
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly settings: NeutronSettings;
  readonly dialler: Dialler;
  /** The tunnel endpoint of each chassis that has one. */
  readonly endpoints: readonly (Ipv4 | undefined)[];
  /** The announcement behind an agent's silence, 0 if none is known. No behaviour depends on it. */
  whySilent(kind: AgentKind, chassis: ChassisNumber): number;
  /** A port is ACTIVE: the compute service learns it. */
  activated(port: NeutronPortNumber): void;
};

/** What waits for a process that takes calls one after the other. */
type Worker = Inbox<Asked | Said>;

/** What was said to the server without waiting for an answer. */
type Said = {readonly cast: Cast};

const daemon = 'neutron-server';

/**
 * neutron-server with its database: answers agents' calls, in as many processes as there are RPC workers, watches their
 * reports, and moves the routers of L3 agents that are silent if it is told to. Reports have workers of their own, but the
 * other RPC workers take some of them too (neutron/plugins/ml2/plugin.py, start_rpc_listeners).
 */
export class NeutronServer implements Program {
  readonly wiring: PortWiring;
  readonly scheduling: RouterScheduling;
  readonly #reports: AgentReports;
  readonly #dhcpScheduling: DhcpScheduling;
  readonly population: L2Population;
  readonly groups: GroupNotifier;
  readonly #ground: Ground;
  readonly #among: ServerSurroundings;
  readonly #process: Process;
  #rpc!: Rpc;
  #moves!: RouterMoves;
  #floating!: FloatingAddresses;
  #dhcp!: DhcpNotifier;
  #workers: readonly Worker[] = [];
  #turns = {'q-plugin': 0, 'q-l3-plugin': 0, 'q-reports-plugin': 0};
  #running = true;
  #life = 0;
  #startedAt: Time = -never;

  constructor(ground: Ground, among: ServerSurroundings) {
    const {inventory, contents, settings, endpoints} = among;
    const traits = traitsOf(settings.release);
    this.#ground = ground;
    this.#among = among;
    this.#process = new Process(ground);
    this.groups = new GroupNotifier(inventory, contents);
    this.population = new L2Population(contents, inventory, endpoints, traits);
    const {l2Population, agentDownTime, maxL3AgentsPerRouter} = settings;
    const activated = among.activated.bind(among);
    const {population} = this;
    this.wiring = new PortWiring(ground, {inventory, contents, population, l2Population, traits, activated});
    const whySilent = among.whySilent.bind(among);
    this.#reports = new AgentReports(ground, {inventory, contents, agentDownTime, whySilent});
    const reports = this.#reports;
    this.scheduling = new RouterScheduling(ground, {inventory, contents, reports, maxL3AgentsPerRouter});
    this.#dhcpScheduling = new DhcpScheduling(ground, {inventory, contents, settings, reports});
    this.#makeProcess();
  }

  /** The queues that it consumes. */
  get queues(): readonly QueueDeclaration[] {
    return this.#rpc.bus.queues;
  }

  get bus(): BusConnection {
    return this.#rpc.bus;
  }

  /** Begins as after a long quiet time: connected, every agent having reported when it was due. */
  beginSettled(stream: Stream): void {
    const {inventory, contents, settings} = this.#among;
    for (const row of contents.agents) {
      const nextAt = settledReportAt(this.#ground, inventory.chassis[row.chassis], row.kind, settings);
      row.lastReportAt = nextAt - settings.reportInterval;
    }
    this.#rpc.bus.beginSettled(stream);
    this.#startWorkers();
    this.#startChecks(luck => Math.floor(draw(luck, 0) * checkInterval(settings)));
  }

  die(): void {
    this.#running = false;
    this.#process.die();
    this.#rpc.bus.close();
  }

  start(): void {
    this.#running = true;
    this.#startedAt = this.#ground.engine.now;
    this.#life += 1;
    this.#makeProcess();
    this.#rpc.bus.start();
    this.#startWorkers();
    // neutron/db/agentschedulers_db.py, add_agent_status_check_worker
    const interval = checkInterval(this.#among.settings) / seconds(1);
    this.#startChecks(luck => seconds(drawWhole(luck, this.#life, interval, interval * 2)));
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** What it would tell the L3 agent of a chassis about its routers. */
  routersOn(chassis: ChassisNumber): readonly RouterDetails[] {
    return this.#among.contents.routersOn(chassis).map(router => this.#detailsOf(router, chassis));
  }

  /** All networks that DHCP agents serve. */
  servedNetworks(): readonly DhcpNetworkDetails[] {
    const served = this.#among.inventory.networks.filter(({dhcp}) => dhcp);
    return served.map(({number}) => this.#dhcp.details(number));
  }

  /** What it would tell the DHCP agent of a chassis about its networks. */
  networksOn(chassis: ChassisNumber): readonly DhcpNetworkDetails[] {
    return this.#among.contents.networksOn(chassis).map(network => this.#dhcp.details(network));
  }

  /** A user leads a floating address to a port, or to none. Without a server nothing happens. */
  associate(floating: FloatingNumber, port: NeutronPortNumber | undefined): void {
    if (this.#running) this.#process.run(this.#floating.associate(floating, port));
  }

  /** A user makes a floating address that leads to a port. */
  allocate(port: NeutronPortNumber): void {
    if (this.#running) this.#process.run(this.#floating.allocate(port));
  }

  /** A user deletes a floating address. */
  release(floating: FloatingNumber): void {
    if (this.#running) this.#process.run(this.#floating.release(floating));
  }

  /** An operator takes a router from its agent; nobody hosts it until it is added to another, or an agent syncs. */
  removeRouter(router: RouterNumber, chassis: ChassisNumber): void {
    if (this.#running) this.#process.run(this.#moves.remove(router, chassis));
  }

  /** An operator gives a router that nobody hosts to an agent. */
  addRouter(router: RouterNumber, chassis: ChassisNumber): void {
    if (this.#running) this.#process.run(this.#moves.add(router, chassis));
  }

  /** A user adds a rule to a security group or removes one. Returns why nothing is done. */
  changeRules(group: string, rule: GroupRule, how: 'add' | 'remove'): string | undefined {
    const isThere = this.groups.hasRule(group, rule);
    if (isThere === (how === 'add')) return isThere ? 'the group has that rule already' : 'the group has no such rule';
    this.#tell('server-rule', how === 'add' ? this.groups.addRule(group, rule) : this.groups.removeRule(group, rule));
    return undefined;
  }

  /** A user puts a port into a security group or takes it out. Returns why nothing is done. */
  changeGroups(port: NeutronPortNumber, group: string, how: 'join' | 'leave'): string | undefined {
    const outgoing = this.groups.change(port, group, how);
    if (outgoing.length === 0) return how === 'join' ? 'it is in that group already' : 'it is not in that group';
    this.#tell('server-port', outgoing);
    return undefined;
  }

  /** The compute service makes the port of a VM and goes on with `made`. Without a server nothing happens. */
  createPort(port: NeutronPortNumber, made: () => void): void {
    if (this.#running) this.#process.run(this.#createPort(port, made));
  }

  /** Why no port of a VM can be on a host at present, if so. */
  bindingFlaw(chassis: ChassisNumber): string | undefined {
    return this.#reports.bindingFlaw(chassis);
  }

  *#createPort(port: NeutronPortNumber, made: () => void): Thread {
    const {inventory, contents} = this.#among;
    yield* this.#step('server-port');
    const {network, home, owner} = inventory.ports[port];
    const flaw = home === undefined ? undefined : this.bindingFlaw(home);
    if (flaw !== undefined) {
      this.#ground.journal.announce('operation refused', {what: 'boot', subject: owner, reason: flaw});
      return;
    }
    contents.make(port, contents.dhcpHostsOf(network).length > 0);
    const outgoing = this.groups.created(port);
    made();
    yield* this.#send(outgoing);
    yield* this.#dhcp.portMade(port);
  }

  /** The compute service has a VM on another host now (update_port with `binding:host_id`). */
  rebind(port: NeutronPortNumber, chassis: ChassisNumber): void {
    if (this.#running) this.#process.run(this.#rebind(port, chassis));
  }

  #tell(step: Step, outgoing: readonly Outgoing[]): void {
    if (this.#running && outgoing.length > 0) this.#process.run(this.#sendAfter(step, outgoing));
  }

  *#sendAfter(step: Step, outgoing: readonly Outgoing[]): Thread {
    yield* this.#step(step);
    yield* this.#send(outgoing);
  }

  *#rebind(port: NeutronPortNumber, chassis: ChassisNumber): Thread {
    yield* this.#step('server-port');
    yield* this.#send(this.wiring.rebind(port, chassis));
  }

  /** An operator takes a router from its agent and then gives it to another. */
  moveRouter(router: RouterNumber, chassis: ChassisNumber): void {
    if (this.#running) this.#process.run(this.#moves.move(router, chassis));
  }

  #makeProcess(): void {
    const {host, dialler, settings} = this.#among;
    this.#workers = [];
    this.#rpc = new Rpc(
      this.#ground,
      this.#process,
      {
        chassis: host.name,
        daemon,
        dialler,
        settings,
        listensTo: serverQueues.map(name => ({name, exchange: undefined})),
        heardCall: (asked, queue) => {
          this.#assign(asked, queue as (typeof serverQueues)[number]);
        },
        heardCast: (cast, queue) => {
          this.#assign({cast}, queue as (typeof serverQueues)[number]);
        },
      },
      this.#life,
    );
    const {inventory, contents} = this.#among;
    const {scheduling, wiring} = this;
    const among = {host, inventory, contents, settings, scheduling, wiring};
    this.#moves = new RouterMoves(this.#ground, this.#process, this.#rpc, among);
    this.#floating = new FloatingAddresses(this.#ground, this.#process, this.#rpc, among);
    const dhcp = {...among, scheduling: this.#dhcpScheduling};
    this.#dhcp = new DhcpNotifier(this.#ground, this.#process, this.#rpc, dhcp);
  }

  #startWorkers(): void {
    const {rpcWorkers, rpcStateReportWorkers} = this.#among.settings;
    const {engine} = this.#ground;
    this.#workers = Array.from({length: rpcWorkers + rpcStateReportWorkers}, () => new Inbox<Asked | Said>(engine));
    for (const worker of this.#workers) this.#process.run(this.#work(worker));
  }

  /** `first` says how long it takes to the first look, by the luck of the worker that looks. */
  #startChecks(first: (luck: number) => Time): void {
    const {settings, contents, host} = this.#among;
    const luckOf = (worker: string): number => this.#ground.streams.of(`${host.name}/${daemon}/${worker}`);
    if (settings.allowAutomaticL3AgentFailover) this.#process.run(this.#moves.check(first(luckOf('checks'))));
    const hasDhcpAgents = contents.agents.some(({kind}) => kind === 'neutron-dhcp-agent');
    if (settings.allowAutomaticDhcpFailover && hasDhcpAgents) {
      this.#process.run(this.#dhcp.check(first(luckOf('dhcp checks'))));
    }
  }

  /** RabbitMQ gives the letters of a queue to its consumers in turn, however busy they are. */
  #assign(asked: Asked | Said, queue: (typeof serverQueues)[number]): void {
    const {rpcWorkers} = this.#among.settings;
    const consumers = queue === 'q-reports-plugin' ? this.#workers.length : rpcWorkers;
    this.#workers[this.#turns[queue]++ % consumers].put(asked);
  }

  *#work(worker: Worker): Thread {
    for (;;) {
      const asked = yield* worker.take();
      if ('cast' in asked) yield* this.#hear(asked.cast);
      else yield* this.#rpc.reply(asked, yield* this.#serve(asked.call));
    }
  }

  *#serve(call: Call): Thread<unknown> {
    const {contents} = this.#among;
    yield* this.#step('server-rpc');
    switch (call.method) {
      case 'report_state':
        // What waited while the server was down is stale (agents_db.py, AgentExtRpcCallback.START_TIME).
        return call.argument.time < this.#startedAt ? undefined : this.#reports.take(call.argument);
      case 'get_devices_details_list': {
        const {chassis, ports} = call.argument;
        yield* this.#steps('server-port', ports.length);
        return ports.map(port => this.wiring.details(port, chassis));
      }
      case 'security_group_info_for_devices': {
        const {ports} = call.argument;
        yield* this.#steps('server-port', ports.length);
        return this.groups.infoFor(ports);
      }
      case 'update_device_up':
        yield* this.#step('server-port');
        yield* this.#send(this.wiring.up(call.argument.port, call.argument.chassis));
        return undefined;
      case 'update_device_down':
        yield* this.#portDown(call.argument.port, call.argument.chassis);
        return undefined;
      case 'pull_port':
        yield* this.#step('server-port');
        return {chassis: contents.hostOf(call.argument.port)};
      case 'update_device_list': {
        const {chassis, up, down, refresh} = call.argument;
        for (const port of up) {
          yield* this.#step('server-port');
          yield* this.#send(this.wiring.up(port, chassis, refresh));
        }
        for (const port of down) yield* this.#portDown(port, chassis);
        return undefined;
      }
      case 'tunnel_sync': {
        const {endpoint, type} = call.argument;
        yield* this.#rpc.cast({exchange: l2Fanout}, 'tunnel_update', {endpoint, type});
        return this.#among.endpoints.filter(known => known !== undefined);
      }
      case 'has_alive_neutron_server':
        return true;
      case 'get_host_ha_router_count':
        return this.#haRoutersOn(call.argument.chassis).length;
      case 'update_all_ha_network_port_statuses':
        for (const port of this.#haPortsOn(call.argument.chassis)) {
          yield* this.#step('server-port');
          yield* this.#send(this.wiring.takeDown(port, call.argument.chassis));
        }
        return undefined;
      case 'get_router_ids':
        this.scheduling.scheduleUnhosted(call.argument.chassis);
        return contents.routersOn(call.argument.chassis);
      case 'sync_routers': {
        const {chassis, routers} = call.argument;
        return yield* this.#syncRouters(chassis, routers);
      }
      case 'update_floatingip_statuses':
        for (const {floating, active} of call.argument) contents.setFloatingActive(floating, active);
        return undefined;
      case 'get_active_networks_info':
        return yield* this.#dhcp.activeNetworks(call.argument.chassis);
      case 'get_network_info':
        return yield* this.#dhcp.networkInfo(call.argument.network);
      case 'update_dhcp_port':
        return yield* this.#dhcp.updatePort(call.argument.port, call.argument.chassis);
      case 'release_dhcp_port':
        return undefined;
      case 'dhcp_ready_on_ports':
        for (const port of call.argument) yield* this.#send(this.wiring.dhcpReady(port));
        return undefined;
      case 'router_added_to_agent':
        throw new Error('nobody calls router_added_to_agent at the server');
    }
  }

  *#portDown(port: NeutronPortNumber, chassis: ChassisNumber): Thread {
    yield* this.#step('server-port');
    const {router} = this.#among.inventory.ports[port];
    const hostsRouter = router !== undefined && this.#among.contents.isHostedBy(router, chassis);
    yield* this.#send(this.wiring.down(port, chassis, hostsRouter));
  }

  /** A router that is active now has its ports on that host (update_routers_states, _update_router_port_bindings). */
  *#hear(cast: Cast): Thread {
    if (cast.method !== 'update_ha_routers_states') return;
    const {chassis, states} = cast.argument;
    yield* this.#step('server-rpc');
    for (const {router, state} of states) this.scheduling.noteHaState(router, chassis, state);
    for (const {router} of states.filter(({state}) => state === 'active')) yield* this.#bindPorts(router, chassis);
  }

  *#bindPorts(router: RouterNumber, chassis: ChassisNumber): Thread {
    const {interfaces, gateway} = this.#among.inventory.routers[router];
    for (const port of gateway === undefined ? interfaces : [gateway, ...interfaces]) {
      const outgoing = this.wiring.rebind(port, chassis);
      if (outgoing.length > 0) yield* this.#step('server-port');
      yield* this.#send(outgoing);
    }
  }

  /**
   * Only routers that are scheduled there. Their ports are bound to the agent's host now, those of a highly available router
   * to where it is active (_ensure_host_set_on_ports).
   */
  *#syncRouters(chassis: ChassisNumber, asked: readonly RouterNumber[]): Thread<readonly RouterDetails[]> {
    const {inventory, contents} = this.#among;
    const routers = asked.filter(router => contents.isHostedBy(router, chassis));
    for (const router of routers) {
      yield* this.#step('server-router');
      const active = inventory.routers[router].ha && this.scheduling.activeHostOf(router);
      yield* this.#bindPorts(router, active ?? chassis);
    }
    return routers.map(router => this.#detailsOf(router, chassis));
  }

  #haRoutersOn(chassis: ChassisNumber): readonly RouterNumber[] {
    const {inventory, contents} = this.#among;
    return contents.routersOn(chassis).filter(router => inventory.routers[router].ha !== undefined);
  }

  #haPortsOn(chassis: ChassisNumber): readonly NeutronPortNumber[] {
    const ports = this.#haRoutersOn(chassis).map(router =>
      this.#among.inventory.routers[router].ha?.ports.get(chassis),
    );
    return ports.filter(port => port !== undefined);
  }

  #detailsOf(router: RouterNumber, chassis: ChassisNumber): RouterDetails {
    const {inventory, contents} = this.#among;
    const {interfaces, gateway, ha} = inventory.routers[router];
    const haPort = ha?.ports.get(chassis);
    return {
      router,
      interfaces,
      gateway,
      gatewayRevision: gateway === undefined ? 0 : contents.revisionOf(gateway),
      ha:
        haPort === undefined
          ? undefined
          : {
              port: haPort,
              isWired: contents.statusOf(haPort) === 'ACTIVE',
              state: contents.haStateOf(router, chassis),
            },
      floating: inventory.floating.flatMap(({number, router: owner}) => {
        const port = contents.targetOf(number);
        if (owner !== router || port === undefined) return [];
        return [{floating: number, fixed: inventory.ports[port].address, active: contents.isFloatingActive(number)}];
      }),
    };
  }

  *#send(outgoing: readonly Outgoing[]): Thread {
    for (const {to, method, argument} of outgoing) yield* this.#rpc.cast(to, method, argument);
  }

  *#steps(step: Step, count: number): Thread {
    for (let done = 0; done < count; done++) yield* this.#step(step);
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, daemon));
  }
}
