import {never, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {OvsBfdSettings} from '../../protocols/ovs-bfd.ts';
import type {GatewayGroups} from '../../tables/gateway-groups.ts';
import type {LocalDatabase} from '../../tables/local-database.ts';
import type {NextHops} from '../../tables/next-hops.ts';
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
import {TunnelConfiguration} from './tunnel-configuration.ts';
import {considerVmPorts} from './vm-ports.ts';

export type ControllerSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly host: Host;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly groups: GatewayGroups;
  readonly dialler: Dialler;
  readonly channel: OpenFlowChannel;
  readonly nextHops: NextHops;
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
  /** Asked to exit. */
  #leaving = false;
  /** What is to be tried again when something has come from the database. */
  #waiting: (() => void) | undefined;

  #southbound!: SouthboundSession;
  #openFlow!: OpenFlowSession;
  #claims!: GatewayClaims;
  #flows!: FlowSender;
  #pinctrl!: Pinctrl;
  #tunnels!: TunnelConfiguration;

  /** An iteration is under way; another must follow. */
  #busy = false;
  #dirty = false;
  /** A transaction of the local database is under way. */
  #writesLocally = false;
  /** Something changed that only a full recompute takes in. */
  #recompute = true;
  /** The southbound database was read anew. */
  #reload = false;
  /**
   * The database connection broke: one iteration still takes it for whole, unless a transaction was under way and nothing
   * was heard after it was sent (lib/ovsdb-idl.c, ovsdb_idl_loop_run: `skip_seqno`).
   */
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
    this.#tunnels.beginSettled(contents.latest);
    this.#claims.beginSettled(active, new Set(database.peers.filter(peer => database.tunnel(peer)?.bfd)));
    this.#flows.beginSettled({watermark: contents.latest, residents: active});
    this.#pinctrl.beginSettled(active);
    this.#rearm();
  }

  wake(now: Time): void {
    if (this.#southbound.wakeAt <= now) this.#southbound.run(now);
    if (this.#openFlow.wakeAt <= now) this.#openFlow.run(now);
    this.#pinctrl.wake(now);
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
   * `ovn-appctl exit`: no iteration begins any more. It removes the tunnels, releases its ports and takes its chassis out of
   * the database as soon as it can, and ends when the database has answered. Its flows stay in the switch.
   */
  tidyUp(done: () => void): void {
    const {database, host} = this.#among;
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#leaving = true;
    this.#at(engine.now + host.take('controller-stop', 'ovn-controller'), cause, () => {
      if (!this.#southbound.everReady) {
        done();
        return;
      }
      for (const peer of database.peers) database.remove(peer);
      this.#whenWritable(cause, () => {
        this.#unregister(cause);
        this.#whenWritable(cause, done);
      });
    });
  }

  #unregister(cause: number): void {
    const {chassis, topology, contents} = this.#among;
    const {watermark} = this.#southbound;
    const ports = [...topology.routers.map(router => router.gatewayPort), ...this.#among.localPorts()];
    const held = ports.filter(port => contents.read('Port_Binding', port, watermark) === chassis);
    const released = held.map((port): Write => ({table: 'Port_Binding', key: port, value: none, cause}));
    this.#southbound.commit([...released, {table: 'Chassis', key: chassis, value: 0, cause}]);
  }

  /** A new process. It knows nothing and connects to the southbound database first. */
  #makeProcess(): void {
    const {name, host, topology, contents, channel, database, dialler, probeInterval} = this.#among;
    this.#claims = new GatewayClaims(this.#ground, this.#among);
    this.#tunnels = new TunnelConfiguration(this.#among);
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
        const waiting = this.#waiting;
        this.#waiting = undefined;
        waiting?.();
        this.#notice();
        this.#rearm();
      },
      connected: () => {
        this.#recompute = this.#reload = true;
        this.#cause = this.#ground.journal.announce('database connected', {chassis: name});
        this.#openFlow.open();
      },
      lost: (reason, transaction) => {
        this.#cause = this.#ground.journal.announce('database lost', {chassis: name, reason});
        this.#lastChance = transaction !== 'under way';
        if (transaction !== 'none') this.#recompute = true;
      },
    });
    database.onStatus = () => {
      this.#changed(this.#ground.engine.cause);
    };
    this.#busy =
      this.#dirty =
      this.#writesLocally =
      this.#reload =
      this.#lastChance =
      this.#spokeWithSwitch =
      this.#leaving =
        false;
    this.#waiting = undefined;
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
    if (this.#busy || this.#leaving || !this.#southbound.writable) return never;
    return Math.min(this.#claims.wakeAt, this.#pinctrl.writeAt);
  }

  /** Something changed that needs a full recompute. */
  #changed(cause: number): void {
    this.#recompute = true;
    this.#cause = Math.max(this.#cause, cause);
    this.#notice();
  }

  /** An iteration follows at once, or after the one under way. */
  #notice(): void {
    if (!this.#running || this.#leaving) return;
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
      localWritable: !this.#writesLocally,
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
    if (!this.#southbound.everReady || !this.#isRegistered(snapshot)) {
      if (this.#southbound.everReady) this.#register(snapshot);
      this.#putOff(snapshot);
      return;
    }
    if (!snapshot.spokeWithSwitch) {
      this.#writeTunnels(snapshot);
      this.#putOff(snapshot);
      return;
    }
    const reload = snapshot.reload || this.#chassisChanged(snapshot.watermark);
    const full = snapshot.recompute || reload;
    const plan: Plan = {full, cause: snapshot.cause, writes: [], holders: new Map()};
    if ((full && !snapshot.writable) || !this.#compute(snapshot, plan)) {
      this.#recompute = true;
      this.#writeTunnels(snapshot);
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

  #isRegistered({watermark}: Snapshot): boolean {
    const {chassis, contents} = this.#among;
    return contents.read('Chassis', chassis, watermark) === 1;
  }

  /** Without its own row in the database it does nothing but write that (chassis.c, chassis_run). */
  #register({writable, cause}: Snapshot): void {
    this.#recompute = true;
    if (!writable || !this.#southbound.writable) return;
    this.#southbound.commit([{table: 'Chassis', key: this.#among.chassis, value: 1, cause}]);
  }

  /** Works out bindings. Returns false if something must be written and cannot be. */
  #compute(snapshot: Snapshot, plan: Plan): boolean {
    if (plan.full) this.#claims.useTunnels(snapshot.openFlow ? snapshot.tunnels : new Set());
    if (!this.#claims.consider(snapshot, this.#processed, plan)) return false;
    if (plan.full) considerVmPorts(this.#among, snapshot.watermark, plan);
    return true;
  }

  /**
   * The end of an iteration, even of one that could compute nothing: tunnels and BFD to the local database, unless it still
   * owes an answer. A change of the bridge's ports is one that only a full recompute takes in (en_ovs_bridge).
   */
  #writeTunnels({watermark, localWritable, cause}: Snapshot): void {
    if (!localWritable) return;
    const change = this.#tunnels.write(watermark);
    if (change === 'nothing') return;
    this.#writesLocally = true;
    const answered = this.#ground.engine.now + this.#among.host.take('local-database', 'ovn-controller/tunnels');
    this.#at(answered, cause, () => {
      this.#writesLocally = false;
      if (change === 'ports') {
        this.#reload = true;
        this.#changed(cause);
      } else this.#notice();
    });
  }

  /** A change of the Chassis table has no handler of its own (ovn-controller.c, en_sb_chassis). */
  #chassisChanged(watermark: number): boolean {
    return this.#among.contents.between(this.#processed, watermark).some(({table}) => table === 'Chassis');
  }

  /** The end of an iteration: flows to the switch, the transaction to the database. */
  #send(snapshot: Snapshot, plan: Plan): void {
    const {watermark} = snapshot;
    const complete = this.#rounds === 0 && this.#southbound.unanswered === 0;
    this.#pinctrl.run(this.#processed, snapshot, plan, {active: this.#claims.active, complete});
    this.#processed = watermark;
    if (this.#openFlow.ready) {
      this.#flows.put({watermark, residents: this.#claims.active}, complete, plan.cause);
    }
    if (plan.writes.length > 0 && this.#southbound.writable) this.#southbound.commit(plan.writes);
    if (plan.full && this.#rounds > 0 && this.#southbound.ready && this.#southbound.unanswered === 0) {
      this.#rounds -= 1;
      this.#recompute = true;
      this.#southbound.changeConditions();
    }
    // What is still to come follows from what began this.
    if (!complete) this.#cause = Math.max(this.#cause, plan.cause);
    this.#writeTunnels(snapshot);
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
    if (this.#dirty && !this.#leaving) this.#iterate();
    this.#rearm();
  }

  #whenWritable(cause: number, act: () => void): void {
    if (this.#southbound.writable) act();
    else {
      this.#waiting = () => {
        this.#at(this.#ground.engine.now, cause, () => {
          this.#whenWritable(cause, act);
        });
      };
    }
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
