import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {HostDhcp} from '../../tables/host-network.ts';
import type {NetworkNumber, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {Stream} from '../../wire/stream.ts';
import {AgentProgram, type AgentPlace} from './agent-program.ts';
import {DhcpBuilder} from './dhcp-builder.ts';
import {dhcpAgentQueue, type Cast, type DhcpNetworkDetails} from './messages.ts';
import type {Process, Thread} from './process.ts';
import {ResourceQueue, type ResourceUpdate} from './resource-queue.ts';
import type {Rpc} from './rpc.ts';
import {SyncLock} from './sync-lock.ts';

export type DhcpAgentSurroundings = AgentPlace & {
  readonly network: HostDhcp;
};

type NetworkUpdate = ResourceUpdate & {
  readonly network: NetworkNumber;
  /** Undefined: the network itself is new here. */
  readonly port: NeutronPortNumber | undefined;
  readonly cause: number;
};

const daemon = 'neutron-dhcp-agent';

/** Workers: as many as networks, within these bounds (DHCP_PROCESS_GREENLET_MIN and _MAX). */
const leastWorkers = 8;
const mostWorkers = 32;

/** `num_sync_threads` (neutron/conf/agent/dhcp.py). */
const syncThreads = 4;

/** PRIORITY_NETWORK_CREATE */
const networkPriority = 0;

/** How often the agent looks whether it has ports to report, and of how many at once (DHCP_READY_PORTS_SYNC_MAX). */
const readyInterval: Time = 100_000;
const mostReady = 64;

const everything = 'everything';

/**
 * neutron-dhcp-agent (neutron/agent/dhcp/agent.py): takes in all networks of the host at the start, and again what failed
 * or when the server had thought it dead; then workers do what the server tells, network by network, and a loop reports the
 * ports that dnsmasq knows. Namespaces and dnsmasq stay when it dies.
 */
export class DhcpAgent {
  readonly program: AgentProgram;
  readonly #ground: Ground;
  readonly #among: DhcpAgentSurroundings;
  #process!: Process;
  #rpc!: Rpc;
  #builder!: DhcpBuilder;
  /** What it knows of the networks that it serves; undefined of one of which only files were found. */
  #cache = new Map<NetworkNumber, DhcpNetworkDetails | undefined>();
  #queue = new ResourceQueue<NetworkUpdate>(({network}) => network);
  #lock = new SyncLock();
  #workers = 0;
  #unsynced = new Map<NetworkNumber | typeof everything, number>();
  #noteUnsynced: (() => void) | undefined;
  #ready = new Set<NeutronPortNumber>();
  #noteReady: (() => void) | undefined;

  constructor(ground: Ground, among: DhcpAgentSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.program = new AgentProgram(ground, daemon, among, {
      listensTo: () => [{name: dhcpAgentQueue(among.name), exchange: undefined}],
      assemble: (process, rpc) => {
        this.#assemble(process, rpc);
      },
      begin: () => {
        this.#report('now');
        this.#process.run(this.#syncAll(new Map()));
      },
      heardCast: cast => {
        this.#hear(cast);
      },
    });
  }

  /** Begins as after a long quiet time: it serves these, as `settleHost` leaves them. */
  beginSettled(stream: Stream, networks: readonly DhcpNetworkDetails[]): void {
    for (const details of networks) this.#cache.set(details.network, details);
    this.program.beginSettled(stream);
    this.#report('when due');
    this.#startLoops();
  }

  /** What a new process knows: of networks that there are the files only. */
  #assemble(process: Process, rpc: Rpc): void {
    this.#process = process;
    this.#rpc = rpc;
    this.#builder = new DhcpBuilder(this.#ground, process, rpc, this.#among);
    this.#cache = new Map(this.#among.network.dhcpNetworks().map(network => [network, undefined]));
    this.#queue = new ResourceQueue<NetworkUpdate>(({network}) => network);
    this.#lock = new SyncLock();
    this.#workers = 0;
    this.#unsynced = new Map();
    this.#ready = new Set();
    this.#noteUnsynced = this.#noteReady = undefined;
  }

  #report(from: 'now' | 'when due'): void {
    this.program.report(from, {
      revived: () => {
        this.#resync(everything);
      },
      load: () => this.#cache.size,
      begun: () => {
        this.#startLoops();
      },
    });
  }

  /** The first report got through (run). */
  #startLoops(): void {
    this.#process.run(this.#resyncPeriodically());
    this.#process.run(this.#reportReady());
    this.#startWorkers();
  }

  #hear(cast: Cast): void {
    const {now: timestamp, cause} = this.#ground.engine;
    if (cast.method === 'network_create_end') {
      const {network} = cast.argument;
      this.#queue.add({network, port: undefined, priority: networkPriority, timestamp, cause, triesLeft: 1});
    }
    if (cast.method === 'port_create_end') {
      const {port, priority} = cast.argument;
      const {network} = this.#among.inventory.ports[port];
      this.#queue.add({network, port, priority, timestamp, cause, triesLeft: 1});
    }
  }

  #startWorkers(): void {
    const wanted = Math.max(leastWorkers, Math.min(mostWorkers, this.#cache.size));
    for (; this.#workers < wanted; this.#workers++) this.#process.run(this.#work());
  }

  *#work(): Thread {
    for (;;) {
      const network = yield* this.#queue.take();
      if (network === undefined) continue;
      for (let update = this.#queue.nextOf(network); update; update = this.#queue.nextOf(network)) {
        this.#ground.engine.cause = update.cause;
        const {port} = update;
        yield* this.#lock.read(port === undefined ? this.#addNetwork(network) : this.#addPort(network, port));
      }
      this.#startWorkers();
    }
  }

  /** _network_create: the server is asked what there is. */
  *#addNetwork(network: NetworkNumber): Thread {
    const {chassis} = this.#among;
    const asked = yield* this.#rpc.call('q-plugin', 'get_network_info', {chassis, network});
    if (asked === 'timed out') this.#resync(network);
    else yield* this.#configure(asked.answer);
  }

  /** _port_create: of a network that is not served nothing is done. */
  *#addPort(network: NetworkNumber, port: NeutronPortNumber): Thread {
    const known = this.#cache.get(network);
    if (!known) return;
    const details = known.ports.includes(port) ? known : {...known, ports: [...known.ports, port]};
    this.#cache.set(network, details);
    yield* this.#builder.reload(details);
    this.#makeReady([port]);
  }

  /** configure_dhcp_for_network */
  *#configure(details: DhcpNetworkDetails): Thread {
    const {network} = details;
    const enabled = yield* this.#builder.enable(details);
    if (enabled === 'timed out') this.#resync(network);
    if (enabled === 'timed out' || enabled === 'refused') return;
    this.#cache.set(network, enabled);
    this.#makeReady(enabled.ports);
    this.#startWorkers();
  }

  /** sync_state: everything, or the networks that something went wrong with; with the announcements that led to it. */
  *#syncAll(why: ReadonlyMap<NetworkNumber | typeof everything, number>): Thread {
    yield* this.#lock.write(this.#sync(why));
  }

  *#sync(why: ReadonlyMap<NetworkNumber | typeof everything, number>): Thread {
    const {chassis} = this.#among;
    const known = [...this.#cache.keys()];
    const isAll = why.size === 0 || why.has(everything);
    const active = yield* this.#rpc.call('q-plugin', 'get_active_networks_info', {chassis});
    if (active === 'timed out') {
      for (const network of isAll ? ([everything] as const) : why.keys()) this.#resync(network);
      return;
    }
    const networks = active.answer;
    for (const network of known.filter(number => networks.every(details => details.network !== number))) {
      yield* this.#builder.disable(network);
      this.#cache.delete(network);
    }
    const wanted = networks.filter(({network}) => isAll || why.has(network) || !known.includes(network));
    const threads = Array.from({length: Math.min(syncThreads, wanted.length)}, () => this.#configureEach(wanted));
    yield* this.#all(threads);
  }

  *#configureEach(wanted: DhcpNetworkDetails[]): Thread {
    for (let details = wanted.shift(); details; details = wanted.shift()) yield* this.#configure(details);
  }

  /** Runs threads side by side and waits for the last. */
  *#all(threads: readonly Thread[]): Thread {
    let left = threads.length;
    if (left === 0) return;
    yield done => {
      const follow = function* (thread: Thread): Thread {
        yield* thread;
        left -= 1;
        if (left === 0) done();
      };
      for (const thread of threads) this.#process.run(follow(thread));
    };
  }

  #resync(network: NetworkNumber | typeof everything): void {
    this.#unsynced.set(network, this.#ground.engine.cause);
    this.#noteUnsynced?.();
  }

  /** _periodic_resync_helper: at once when something is to be done, but not more often than `resync_throttle` says. */
  *#resyncPeriodically(): Thread {
    const {engine} = this.#ground;
    const {resyncThrottle} = this.#among.settings;
    let lastAt = -resyncThrottle;
    for (;;) {
      if (this.#unsynced.size === 0) {
        yield done => {
          this.#noteUnsynced = done;
        };
        this.#noteUnsynced = undefined;
      }
      yield* this.#process.sleep(lastAt + resyncThrottle - engine.now);
      lastAt = engine.now;
      const why = this.#unsynced;
      this.#unsynced = new Map();
      engine.cause = Math.max(...why.values());
      yield* this.#syncAll(why);
    }
  }

  #makeReady(ports: readonly NeutronPortNumber[]): void {
    for (const port of ports) this.#ready.add(port);
    this.#noteReady?.();
  }

  /** _dhcp_ready_ports_loop: what could not be said is said again. */
  *#reportReady(): Thread {
    for (;;) {
      if (this.#ready.size === 0) {
        yield done => {
          this.#noteReady = done;
        };
        this.#noteReady = undefined;
      }
      yield* this.#process.sleep(readyInterval);
      const ports = [...this.#ready].slice(0, mostReady);
      for (const port of ports) this.#ready.delete(port);
      if (ports.length === 0) continue;
      const told = yield* this.#rpc.call('q-plugin', 'dhcp_ready_on_ports', ports);
      if (told === 'timed out') for (const port of ports) this.#ready.add(port);
    }
  }
}
