import {draw, drawWhole} from '../../../engine/chance.ts';
import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {HostRouters} from '../../tables/host-network.ts';
import type {NeutronPortNumber, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Stream} from '../../wire/stream.ts';
import {AgentProgram, type AgentPlace} from './agent-program.ts';
import type {HaHost} from './ha-host.ts';
import {HaRouters} from './ha-routers.ts';
import {HaTransitions} from './ha-transitions.ts';
import {l3AgentQueue, type Cast, type RouterDetails} from './messages.ts';
import type {Process, Thread} from './process.ts';
import {traitsOf} from './releases.ts';
import {RouterBuilder} from './router-builder.ts';
import {ResourceQueue} from './resource-queue.ts';
import {fromFullSync, fromServer, newUpdate, type RouterUpdate} from './router-updates.ts';
import type {Asked, Rpc} from './rpc.ts';

export type L3AgentSurroundings = AgentPlace & {
  readonly network: HostRouters;
  readonly haHost: HaHost;
  /** Addresses on the device of a router's port at present, as `ip addr` lists them. */
  addressesOf(port: NeutronPortNumber): readonly Ipv4[];
};

const daemon = 'neutron-l3-agent';

/** Workers: as many as routers, within these bounds (neutron/agent/l3/agent.py, ROUTER_PROCESS_GREENLET_MIN and _MAX). */
const leastWorkers = 8;
const mostWorkers = 32;

/** Routers asked for at once in a full sync (SYNC_ROUTERS_MAX_CHUNK_SIZE and _MIN): halved by a time-out. */
const mostInChunk = 256;
const leastInChunk = 32;

/**
 * neutron-l3-agent (neutron/agent/l3/agent.py): one loop that takes in all routers of the host at the
 * start, and again when a full sync failed or the server had thought the agent dead; a queue of routers that changed; and
 * workers that make them so. Routers stay on the host when it dies.
 */
export class L3Agent {
  readonly program: AgentProgram;
  readonly #ground: Ground;
  readonly #among: L3AgentSurroundings;
  #process!: Process;
  #rpc!: Rpc;
  #builder!: RouterBuilder;
  #ha!: HaRouters;
  #transitions!: HaTransitions;
  #queue = newQueue();
  #life = 0;
  #workers = 0;
  #fullSync = true;
  /** The announcement from which the next full sync follows. */
  #syncCause = 0;
  /** Namespaces that nobody wants are looked for once in a process' life (namespace_manager.py). */
  #cleansStale = true;
  #chunk = mostInChunk;

  constructor(ground: Ground, among: L3AgentSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.program = new AgentProgram(ground, daemon, among, {
      listensTo: () => [{name: l3AgentQueue(among.name), exchange: undefined}],
      assemble: (process, rpc, life) => {
        this.#assemble(process, rpc, life);
      },
      begin: () => {
        this.#process.run(this.#begin());
      },
      ended: () => {
        among.haHost.agent = undefined;
      },
      heardCall: asked => {
        this.#hearCall(asked);
      },
      heardCast: cast => {
        this.#hearCast(cast);
      },
    });
  }

  /** Begins as after a long quiet time: these are its routers, and they are there, as `settleHost` leaves them. */
  beginSettled(stream: Stream, routers: readonly RouterDetails[]): void {
    const {settings} = this.#among;
    for (const router of routers) this.#builder.beginSettled(router);
    this.#fullSync = this.#cleansStale = false;
    this.program.beginSettled(stream);
    this.#startWorkers();
    this.#report('when due');
    this.#process.run(this.#syncPeriodically(Math.floor(draw(this.#luck, 1) * settings.periodicInterval)));
    this.#listen();
    this.#process.run(this.#watchChildren(Math.floor(draw(this.#luck, 2) * settings.checkChildProcessesInterval)));
  }

  get #luck(): number {
    return this.#ground.streams.of(`${this.#among.name}/${daemon}/phases`);
  }

  #assemble(process: Process, rpc: Rpc, life: number): void {
    this.#process = process;
    this.#rpc = rpc;
    this.#life = life;
    this.#transitions = new HaTransitions(this.#ground, process, rpc, this.#among);
    this.#ha = new HaRouters(this.#ground, process, this.#transitions, this.#among);
    const parts = {ha: this.#ha, transitions: this.#transitions};
    this.#builder = new RouterBuilder(this.#ground, process, rpc, {...this.#among, ...parts});
    this.#workers = 0;
    this.#fullSync = this.#cleansStale = true;
    this.#syncCause = this.#ground.engine.cause;
    this.#chunk = mostInChunk;
    this.#queue = newQueue();
  }

  /** A new process asks the server one thing until it answers; then it reports and begins. */
  *#begin(): Thread {
    const {chassis, settings} = this.#among;
    this.#listen();
    this.#process.run(this.#watchChildren(settings.checkChildProcessesInterval));
    let haRouters = 0;
    for (;;) {
      const count = yield* this.#rpc.call('q-l3-plugin', 'get_host_ha_router_count', {chassis});
      if (count === 'timed out') continue;
      haRouters = count.answer;
      break;
    }
    if (haRouters > 0 && this.#setsHaPortsDown()) {
      yield* this.#rpc.call('q-l3-plugin', 'update_all_ha_network_port_statuses', {chassis});
    }
    this.#report('now');
    this.#startWorkers();
    // neutron/service.py, Service.start: a whole number of seconds
    const first = seconds(drawWhole(this.#luck, this.#life + 1, 0, settings.periodicFuzzyDelay / seconds(1)));
    this.#process.run(this.#syncPeriodically(first));
  }

  /** _check_ha_router_process_status: a host that has lost its power has lost its wiring too, and the server does not know. */
  #setsHaPortsDown(): boolean {
    const {setsHaPortsDown} = traitsOf(this.#among.settings.release);
    if (setsHaPortsDown === 'on a host without routers') return this.#builder.routersThere().length === 0;
    return setsHaPortsDown === 'at every start';
  }

  /** The socket at which monitors tell what routers have become. */
  #listen(): void {
    this.#among.haHost.agent = (router, state) => {
      this.#process.hear(() => {
        this.#transitions.heard(router, state);
      });
    };
  }

  *#watchChildren(first: Time): Thread {
    const {engine} = this.#ground;
    yield* this.#process.sleep(first);
    for (;;) {
      engine.cause = 0;
      this.#process.run(this.#ha.respawn());
      yield* this.#process.sleep(this.#among.settings.checkChildProcessesInterval);
    }
  }

  #report(from: 'now' | 'when due'): void {
    this.program.report(from, {
      revived: () => {
        this.#fullSync = true;
        this.#syncCause = this.#ground.engine.cause;
      },
    });
  }

  #hearCall(asked: Asked): void {
    if (asked.call.method !== 'router_added_to_agent') return;
    this.#changed(asked.call.argument.router, 'update');
    this.#process.run(this.#rpc.reply(asked, undefined));
  }

  #hearCast(cast: Cast): void {
    if (cast.method === 'routers_updated') this.#changed(cast.argument.router, 'update');
    if (cast.method === 'router_removed_from_agent') this.#changed(cast.argument.router, 'delete');
  }

  #changed(router: RouterNumber, action: RouterUpdate['action']): void {
    const {now: timestamp, cause} = this.#ground.engine;
    this.#queue.add(newUpdate({router, action, priority: fromServer, details: undefined, timestamp, cause}));
  }

  /** periodic_sync_routers_task: looks at a fixed interval whether a full sync is due. */
  *#syncPeriodically(first: Time): Thread {
    const {engine} = this.#ground;
    yield* this.#process.sleep(first);
    for (;;) {
      const begunAt = engine.now;
      engine.cause = this.#syncCause;
      if (this.#fullSync) yield* this.#syncAll();
      yield* this.#process.sleep(begunAt + this.#among.settings.periodicInterval - engine.now);
    }
  }

  /** fetch_and_sync_all_routers. If a call fails the next look tries again. */
  *#syncAll(): Thread {
    const {chassis} = this.#among;
    const before = this.#builder.routers;
    const there = this.#cleansStale ? this.#builder.routersThere() : [];
    const {engine} = this.#ground;
    const {now: timestamp, cause} = engine;
    const scheduled = yield* this.#rpc.call('q-l3-plugin', 'get_router_ids', {chassis});
    if (scheduled === 'timed out') return;
    const wanted = new Set<RouterNumber>();
    for (let done = 0; done < scheduled.answer.length;) {
      const routers = scheduled.answer.slice(done, done + this.#chunk);
      const details = yield* this.#rpc.call('q-l3-plugin', 'sync_routers', {chassis, routers});
      if (details === 'timed out') {
        this.#chunk = Math.max(leastInChunk, Math.floor(this.#chunk / 2));
        return;
      }
      for (const router of details.answer) {
        wanted.add(router.router);
        const update = {router: router.router, action: 'update', priority: fromFullSync, timestamp, cause} as const;
        this.#queue.add(newUpdate({...update, details: router}));
      }
      done += routers.length;
    }
    this.#fullSync = false;
    this.#chunk = Math.min(mostInChunk, this.#chunk + leastInChunk);
    for (const router of before.filter(number => !wanted.has(number))) {
      const update = {router, action: 'delete', priority: fromFullSync, timestamp, cause} as const;
      this.#queue.add(newUpdate({...update, details: undefined}));
    }
    this.#cleansStale = false;
    for (const router of there) {
      if (!wanted.has(router) && !before.includes(router)) yield* this.#builder.remove(router);
    }
  }

  #startWorkers(): void {
    const wanted = Math.max(leastWorkers, Math.min(mostWorkers, this.#builder.routers.length));
    for (; this.#workers < wanted; this.#workers++) this.#process.run(this.#work());
  }

  *#work(): Thread {
    for (;;) {
      const router = yield* this.#queue.take();
      if (router === undefined) continue;
      for (let update = this.#queue.nextOf(router); update; update = this.#queue.nextOf(router)) {
        yield* this.#processUpdate(update);
      }
      this.#startWorkers();
    }
  }

  /** _process_router_update */
  *#processUpdate(update: RouterUpdate): Thread {
    const {chassis} = this.#among;
    const {router, action} = update;
    this.#ground.engine.cause = update.cause;
    let {details, timestamp} = update;
    if (action === 'update' && !details) {
      timestamp = this.#ground.engine.now;
      const asked = yield* this.#rpc.call('q-l3-plugin', 'sync_routers', {chassis, routers: [router]});
      if (asked === 'timed out') {
        this.#tryAgain(update);
        return;
      }
      [details] = asked.answer;
    }
    const isDone = yield* details ? this.#builder.process(details) : this.#builder.remove(router);
    if (!isDone) {
      this.#tryAgain(update);
      return;
    }
    this.#queue.processed(router, timestamp);
  }

  /** The server is asked anew, up to five times in all (_resync_router). */
  #tryAgain(update: RouterUpdate): void {
    if (update.triesLeft < 0) return;
    const {now: timestamp, cause} = this.#ground.engine;
    this.#queue.add({...update, timestamp, cause, priority: fromFullSync, details: undefined});
  }
}

function newQueue(): ResourceQueue<RouterUpdate> {
  return new ResourceQueue(({router}) => router);
}
