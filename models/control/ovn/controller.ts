import {never, milliseconds, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {OvsBfdSettings} from '../../protocols/ovs-bfd.ts';
import type {GatewayGroups} from '../../tables/gateway-groups.ts';
import type {LocalDatabase} from '../../tables/local-database.ts';
import type {OpenFlowChannel} from '../../tables/openflow-channel.ts';
import {none, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, PortNumber, Topology} from '../../tables/topology.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {FlowSender} from './flow-sender.ts';
import {GatewayClaims} from './gateway-claims.ts';
import type {Plan, Snapshot} from './iteration.ts';
import {OpenFlowSession} from './openflow-session.ts';
import {Pinctrl} from './pinctrl.ts';
import type {Write} from './southbound-messages.ts';
import {SouthboundSession} from './southbound-session.ts';
import {configureTunnels, touchesTunnels} from './tunnel-configuration.ts';

export type ControllerSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly host: Host;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly groups: GatewayGroups;
  readonly dialler: Dialler;
  readonly channel: OpenFlowChannel;
  readonly database: LocalDatabase;
  readonly bfd: OvsBfdSettings;
  /** `ovn-remote-probe-interval`. */
  readonly probeInterval: Time;
  /** Ports of VMs that run on this chassis. */
  localPorts(): readonly PortNumber[];
};

/**
 * ovn-controller of one chassis (OVN 23.03): one thread that takes in what changed in the local and the southbound
 * database, works out what is bound here and which flows follow, and sends both. What comes in meanwhile waits for the next
 * iteration. What needs a full recompute waits until a southbound transaction can begin: not while one is under way, and
 * not while the database is known to be gone (ovn-controller.c, main; lib/inc-proc-eng.c).
 */
export class Controller implements Program {
  readonly #ground: Ground;
  readonly #among: ControllerSurroundings;
  readonly #actor: number;
  #running = true;
  #frozen = false;
  #life = 0;
  #heldBack: (() => void)[] = [];

  #southbound!: SouthboundSession;
  #openFlow!: OpenFlowSession;
  #claims!: GatewayClaims;
  #flows!: FlowSender;
  #pinctrl!: Pinctrl;

  /** An iteration is under way; another must follow. */
  #busy = false;
  #dirty = false;
  /** Something changed that only a full recompute takes in. */
  #recompute = true;
  /** The southbound database was read anew. */
  #reload = false;
  /** The database connection broke during a transaction: one iteration still takes it for whole. */
  #lastChance = false;
  /** Changes of what it monitors that are still to be made before the flows are complete. */
  #rounds = 0;
  #spokeWithSwitch = false;
  #cold = true;
  #processed = 0;
  /** The announcement behind the latest of what has come in since the last iteration. */
  #cause = 0;

  constructor(ground: Ground, among: ControllerSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#makeProcess();
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    if (!this.#running || this.#frozen) return never;
    return Math.min(this.#southbound.wakeAt, this.#openFlow.wakeAt, this.#pinctrl.wakeAt, this.#workAt);
  }

  /** Begins as after a long quiet time: connected, everything known and installed, active for these routers. */
  beginSettled(stream: Stream, active: ReadonlySet<number>): void {
    const {database, contents} = this.#among;
    this.#southbound.beginSettled(stream);
    this.#openFlow.openSettled();
    this.#spokeWithSwitch = true;
    this.#recompute = this.#cold = false;
    this.#rounds = 0;
    configureTunnels(this.#among, contents.latest);
    this.#claims.beginSettled(active, new Set(database.peers.filter(peer => database.tunnel(peer)?.bfd)));
    this.#flows.beginSettled({watermark: contents.latest, residents: active});
    this.#pinctrl.beginSettled(active);
    this.#rearm();
  }

  wake(now: Time): void {
    this.#pinctrl.wake(now);
    if (this.#southbound.wakeAt <= now) this.#southbound.run(now);
    if (this.#openFlow.wakeAt <= now) this.#openFlow.run(now);
    if (this.#workAt <= now) this.#notice();
  }

  die(): void {
    this.#running = false;
    this.#frozen = false;
    this.#life += 1;
    this.#heldBack = [];
    this.#southbound.close();
    this.#openFlow.close();
    this.#pinctrl.close();
    this.#among.database.onStatus = undefined;
  }

  start(): void {
    this.#running = true;
    this.#makeProcess();
    this.#rearm();
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    const heldBack = this.#heldBack;
    this.#heldBack = [];
    for (const act of heldBack) act();
    this.#rearm();
  }

  /**
   * `ovn-appctl exit`: releases its ports and takes its chassis out of the database, removes the tunnels, and ends when the
   * database has answered. Its flows stay in the switch.
   */
  tidyUp(done: () => void): void {
    const {chassis, topology, database, contents, host} = this.#among;
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#at(engine.now + host.take('controller-stop', 'ovn-controller'), cause, () => {
      const {watermark} = this.#southbound;
      const ports = [...topology.routers.map(router => router.gatewayPort), ...this.#among.localPorts()];
      const held = ports.filter(port => contents.read('Port_Binding', port, watermark) === chassis);
      const released = held.map((port): Write => ({table: 'Port_Binding', key: port, value: none, cause}));
      this.#southbound.commit([...released, {table: 'Chassis', key: chassis, value: 0, cause}]);
      for (const peer of database.peers) database.remove(peer);
      this.#whenAnswered(done);
    });
  }

  /** A new process. It knows nothing and connects to the southbound database first. */
  #makeProcess(): void {
    const {name, host, topology, contents, channel, database, dialler, probeInterval} = this.#among;
    this.#claims = new GatewayClaims(this.#ground, this.#among);
    this.#flows = new FlowSender(channel, contents, topology);
    this.#pinctrl = new Pinctrl(this.#ground, this.#among, {
      rearm: () => {
        this.#rearm();
      },
      at: (at, cause, act) => {
        this.#at(at, cause, act);
      },
    });
    this.#openFlow = new OpenFlowSession(this.#ground, host, channel, {
      openFlowReady: () => {
        this.#spokeWithSwitch = true;
        this.#flows.reconnected();
        this.#changed(this.#ground.journal.announce('openflow connected', {chassis: name}));
      },
      openFlowLost: () => {
        this.#flows.reconnected();
        const cause = this.#ground.journal.announce('openflow lost', {chassis: name});
        const noticedAt = this.#ground.engine.now + host.take('local-database', 'ovn-controller/openflow lost');
        this.#at(noticedAt, cause, () => {
          this.#changed(cause);
        });
        this.#rearm();
      },
      rearm: () => {
        this.#rearm();
      },
    });
    this.#southbound = new SouthboundSession(this.#ground, dialler, probeInterval, {
      wake: () => {
        this.#notice();
        this.#rearm();
      },
      connected: () => {
        this.#recompute = this.#reload = true;
        this.#cause = this.#ground.journal.announce('database connected', {chassis: name});
        this.#openFlow.open();
      },
      lost: (reason, midway) => {
        this.#cause = this.#ground.journal.announce('database lost', {chassis: name, reason});
        this.#lastChance = midway;
        if (midway) this.#recompute = true;
      },
    });
    database.onStatus = () => {
      this.#changed(this.#ground.engine.cause);
    };
    this.#busy = this.#dirty = this.#reload = this.#lastChance = this.#spokeWithSwitch = false;
    this.#recompute = this.#cold = true;
    this.#rounds = this.#roundsAtStart;
    this.#processed = 0;
  }

  /**
   * A new process first monitors little more than gateway ports and asks for the rest as it learns of its local datapaths:
   * once on a gateway chassis, twice where it must first find its VMs (ovn-controller.c, update_sb_monitors).
   */
  get #roundsAtStart(): number {
    const {chassis, topology} = this.#among;
    return topology.routers.some(({gateways}) => gateways.some(gateway => gateway.chassis === chassis)) ? 1 : 2;
  }

  /** When there is work for the main loop that nothing has come in for. */
  get #workAt(): Time {
    return this.#busy || !this.#southbound.writable ? never : Math.min(this.#claims.wakeAt, this.#pinctrl.writeAt);
  }

  /** Something changed that needs a full recompute. */
  #changed(cause: number): void {
    this.#recompute = true;
    this.#cause = Math.max(this.#cause, cause);
    this.#notice();
  }

  /** An iteration follows at once, or after the one under way. */
  #notice(): void {
    if (!this.#running) return;
    if (this.#busy) this.#dirty = true;
    else this.#iterate();
  }

  #iterate(): void {
    const {database, host} = this.#among;
    const {engine} = this.#ground;
    this.#busy = true;
    this.#dirty = false;
    const {watermark} = this.#southbound;
    const heard = watermark > this.#processed ? this.#southbound.cause : 0;
    const snapshot: Snapshot = {
      watermark,
      tunnels: new Set(database.peers.filter(peer => isUp(database, peer))),
      writable: this.#southbound.writable || this.#lastChance,
      openFlow: this.#openFlow.ready,
      spokeWithSwitch: this.#spokeWithSwitch,
      recompute: this.#recompute,
      reload: this.#reload,
      cause: Math.max(this.#cause, heard),
    };
    this.#cause = 0;
    this.#recompute = this.#reload = this.#lastChance = false;
    this.#at(engine.now + host.take('controller-decide', 'ovn-controller'), snapshot.cause, () => {
      this.#decide(snapshot);
    });
  }

  #decide(snapshot: Snapshot): void {
    if (!this.#southbound.everReady || !snapshot.spokeWithSwitch) {
      this.#putOff(snapshot);
      return;
    }
    const reload = snapshot.reload || this.#chassisChanged(snapshot.watermark);
    const full = snapshot.recompute || reload;
    const plan: Plan = {full, cause: snapshot.cause, writes: [], holders: new Map()};
    if ((full && !snapshot.writable) || !this.#compute(snapshot, plan)) {
      this.#recompute = true;
      this.#putOff(snapshot);
      return;
    }
    const {host} = this.#among;
    const step = full ? this.#recomputeStep(reload) : 'controller-increment';
    this.#at(this.#ground.engine.now + host.take(step, 'ovn-controller'), plan.cause, () => {
      this.#send(snapshot, plan);
    });
  }

  /** The first time that the logical flows are there nothing is cached. */
  #recomputeStep(reload: boolean): 'controller-first-flows' | 'controller-reload' | 'controller-recompute' {
    const first = this.#cold && this.#rounds === 0 && this.#southbound.unanswered === 0;
    if (first) this.#cold = false;
    return first ? 'controller-first-flows' : reload ? 'controller-reload' : 'controller-recompute';
  }

  /** Works out bindings and tunnels. Returns false if something must be written and cannot be. */
  #compute(snapshot: Snapshot, plan: Plan): boolean {
    const {chassis, contents} = this.#among;
    const {watermark} = snapshot;
    if (contents.read('Chassis', chassis, watermark) !== 1) {
      plan.writes.push({table: 'Chassis', key: chassis, value: 1, cause: plan.cause});
      this.#recompute = true;
      return snapshot.writable;
    }
    if (plan.full) this.#claims.useTunnels(snapshot.openFlow ? snapshot.tunnels : new Set());
    if (!this.#claims.consider(snapshot, this.#processed, plan)) return false;
    if (plan.full) this.#claimLocalPorts(watermark, plan);
    if (plan.full || touchesTunnels(contents, this.#processed, watermark)) configureTunnels(this.#among, watermark);
    return true;
  }

  /** A change of the Chassis table has no handler of its own (ovn-controller.c, en_sb_chassis). */
  #chassisChanged(watermark: number): boolean {
    return this.#among.contents.between(this.#processed, watermark).some(({table}) => table === 'Chassis');
  }

  #claimLocalPorts(watermark: number, plan: Plan): void {
    const {chassis, contents} = this.#among;
    for (const port of this.#among.localPorts()) {
      if (contents.read('Port_Binding', port, watermark) === chassis) continue;
      plan.writes.push({table: 'Port_Binding', key: port, value: chassis, cause: plan.cause});
    }
  }

  /** The end of an iteration: flows to the switch, the transaction to the database. */
  #send(snapshot: Snapshot, plan: Plan): void {
    const {watermark} = snapshot;
    const registered = this.#among.contents.read('Chassis', this.#among.chassis, watermark) === 1;
    this.#pinctrl.run(this.#processed, snapshot, plan, this.#claims.active);
    this.#processed = watermark;
    if (registered && this.#openFlow.ready) {
      const complete = this.#rounds === 0 && this.#southbound.unanswered === 0;
      this.#flows.put({watermark, residents: this.#claims.active}, complete, plan.cause);
    }
    if (plan.writes.length > 0 && this.#southbound.writable) this.#southbound.commit(plan.writes);
    if (registered && plan.full && this.#rounds > 0 && this.#southbound.ready && this.#southbound.unanswered === 0) {
      this.#rounds -= 1;
      this.#recompute = true;
      this.#southbound.changeConditions();
    }
    this.#end();
  }

  /** Nothing can be done now; what was to be done is done once something else comes in. */
  #putOff(snapshot: Snapshot): void {
    this.#recompute ||= snapshot.recompute;
    this.#reload ||= snapshot.reload;
    this.#cause = Math.max(this.#cause, snapshot.cause);
    this.#end();
  }

  #end(): void {
    this.#busy = false;
    if (this.#dirty) this.#iterate();
    this.#rearm();
  }

  #whenAnswered(done: () => void): void {
    const {engine} = this.#ground;
    const look = (): void => {
      if (this.#southbound.writable) done();
      else this.#at(engine.now + milliseconds(1), engine.cause, look);
    };
    look();
  }

  /** Does something at `at` if it is still the same process, and after it goes on if it stands still then. */
  #at(at: Time, cause: number, act: () => void): void {
    const {engine, later} = this.#ground;
    const life = this.#life;
    const withCause = (): void => {
      const before = engine.cause;
      engine.cause = cause;
      act();
      engine.cause = before;
    };
    later.at(at, () => {
      if (this.#life !== life || !this.#running) return;
      if (this.#frozen) this.#heldBack.push(withCause);
      else withCause();
    });
  }

  #rearm(): void {
    this.#ground.engine.rearm(this.#actor);
  }
}

function isUp(database: LocalDatabase, peer: ChassisNumber): boolean {
  const tunnel = database.tunnel(peer);
  return tunnel?.bfd !== undefined && tunnel.status === 'up';
}
