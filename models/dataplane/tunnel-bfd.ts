import {draw, drawWhole} from '../../engine/chance.ts';
import type {Fact} from '../../engine/ledger.ts';
import {milliseconds, never, type Time} from '../../engine/time.ts';
import type {Pace} from '../daemons/host-profile.ts';
import type {Host} from '../daemons/host.ts';
import type {Ground} from '../ground.ts';
import {OvsBfd, type OvsBfdSettings} from '../protocols/ovs-bfd.ts';
import type {ChassisNumber} from '../tables/topology.ts';
import type {BfdControl, BfdState} from '../wire/bfd.ts';
import {Heartbeats} from './heartbeats.ts';
import {Passage, type Verdict} from './passage.ts';

/** What the session of a tunnel needs from the ovs-vswitchd that runs it. */
export type TunnelBfdOwner = {
  readonly chassis: string;
  readonly host: Host;
  /** Whether the process stands still. */
  readonly frozen: boolean;
  /** Sends a control packet through the tunnel to `peer`. */
  transmit(packet: BfdControl, peer: ChassisNumber, passage: Passage): Verdict;
  /** The session, or what the peer says of its own, has changed. */
  changed(session: TunnelBfd): void;
  /** The session at the other end, if there is one. */
  opposite(peer: ChassisNumber): TunnelBfd | undefined;
  /** Why the peer is silent when nothing was lost on the way: the announcement, 0 if that is not known. */
  whyPeerIsSilent(peer: ChassisNumber): number;
  receivedPackets(peer: ChassisNumber): number;
};

/** A control packet on its way up to the session; `passage` is undefined when it was only counted so far. */
export type Heard = {
  readonly packet: BfdControl;
  readonly passage: Passage | undefined;
  readonly from: TunnelBfd;
  readonly number: number;
};

/** The BFD session of one tunnel at one end: the machine, when its thread gets round to it, and what it announces. */
export class TunnelBfd {
  readonly name: string;
  readonly peer: ChassisNumber;
  readonly peerName: string;
  readonly actor: number;
  /** What this end sends and expects: changes with its state, its timers and its process. */
  readonly fact: Fact;
  readonly session: OvsBfd;
  readonly #ground: Ground;
  readonly #owner: TunnelBfdOwner;
  readonly #discriminator: number;
  /** How late its thread wakes for its `count`-th packet. */
  readonly #lateness: Pace;
  #sent = 0;
  #heardAt: Time | undefined;
  #retired = false;
  #backlog: Heard[] = [];
  #heartbeats: Heartbeats | undefined;
  /** Announcements: of the first packet missed since the last one heard, of coming up, of the last change. */
  #missed = 0;
  #cameUp = 0;
  #lastChange = 0;

  constructor(
    ground: Ground,
    owner: TunnelBfdOwner,
    peer: ChassisNumber,
    peerName: string,
    life: number,
    looksAt: Time | undefined,
    settings: OvsBfdSettings,
  ) {
    this.#ground = ground;
    this.#owner = owner;
    this.peer = peer;
    this.peerName = peerName;
    this.name = `${owner.chassis}/bfd/${peerName}${life > 0 ? `/${life}` : ''}`;
    this.fact = ground.ledger.add();
    this.#discriminator = drawWhole(ground.streams.of(this.name), 0, 1, 0xffff_fffe);
    this.#lateness = owner.host.paceOf('timer', this.name);
    const jitters = ground.streams.of(`${this.name}/jitter`);
    this.session = new OvsBfd(
      {
        discriminator: this.#discriminator,
        phase: owner.host.phase,
        jitter: count => draw(jitters, count),
      },
      settings,
      {
        send: packet => {
          this.#send(packet);
        },
        changed: (from, to) => {
          this.#changed(from, to);
        },
        receivedPackets: () => owner.receivedPackets(peer),
      },
      looksAt,
      ground.engine.now,
    );
    this.actor = ground.engine.add(this);
  }

  /** Begins two ends up, as after a long quiet time: they agree, and each has lately heard the other. */
  static settle(a: TunnelBfd, b: TunnelBfd): void {
    const [aSent, bSent] = [a.#lastSentBefore(b), b.#lastSentBefore(a)];
    a.session.settle(b.session.settings, b.#discriminator, bSent, aSent);
    b.session.settle(a.session.settings, a.#discriminator, aSent, bSent);
    a.#ground.engine.rearm(a.actor);
    b.#ground.engine.rearm(b.actor);
  }

  get host(): Host {
    return this.#owner.host;
  }

  get state(): BfdState {
    return this.session.state;
  }

  /** How many packets it has sent. */
  get sent(): number {
    return this.#sent;
  }

  /** The announcement of its last change of state. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** When the next packet leaves, as long as nothing else happens. */
  get sendAt(): Time {
    return this.session.sendAt + this.#lateness(this.#sent);
  }

  get wakeAt(): Time {
    if (this.#retired || this.#owner.frozen || this.#heartbeats?.skipped) return never;
    return this.session.wakeAt + this.#lateness(this.#sent);
  }

  wake(now: Time): void {
    this.session.wake(now);
  }

  hear(message: unknown): void {
    if (this.#retired) return;
    const heard = message as Heard;
    if (this.#owner.frozen) this.#backlog.push(heard);
    else this.#receive(heard);
  }

  /** A packet of the peer has reached the host: it is taken in when a handler thread gets round to it. */
  arrive(packet: BfdControl, from: TunnelBfd, number: number, passage: Passage): void {
    passage.count(this.#ground.counters.of(this.#owner.chassis, 'bfd packets received'));
    const heard = {packet, passage, from, number};
    this.heartbeatsWith(from).arrived(heard);
    passage.because(() => {
      const at = passage.arrivesAt + this.handlingOf(from)(number);
      this.#ground.engine.post(at, this.actor, from.actor, number, heard satisfies Heard);
    });
  }

  /** How long the host takes over the peer's packets. */
  handlingOf(from: TunnelBfd): Pace {
    return this.host.paceOf('bfd-receive', from.name);
  }

  configure(settings: OvsBfdSettings): void {
    const {engine, ledger} = this.#ground;
    ledger.changed(this.fact, engine.cause);
    this.session.configure(settings, engine.now);
    engine.rearm(this.actor);
  }

  /** The process that ran it is gone, or the tunnel is. */
  retire(): void {
    this.#retired = true;
    this.#ground.ledger.changed(this.fact, this.#ground.engine.cause);
  }

  /** The process stands still from now on, or goes on. */
  frozenChanged(): void {
    const {engine, ledger} = this.#ground;
    ledger.changed(this.fact, engine.cause);
    if (!this.#owner.frozen) {
      const backlog = this.#backlog;
      this.#backlog = [];
      for (const heard of backlog) this.#receive(heard);
    }
    engine.rearm(this.actor);
  }

  /** Counts the packets that leave before `limit`, each like the last. Returns when the latest did; -1 if none. */
  countSentBefore(limit: Time): Time {
    let last = -1;
    for (let at = this.sendAt; at < limit; at = this.sendAt) {
      this.countSent(at);
      last = at;
    }
    return last;
  }

  /** One packet more was sent at `at`, like the last. */
  countSent(at: Time): void {
    this.#sent += 1;
    this.session.countSent(at);
  }

  /** Packets like the last were taken in, the latest at `at`. */
  countReceived(at: Time): void {
    this.#heardAt = at;
    this.session.countReceived(at);
  }

  /** The two ends' common record of what may be skipped. */
  heartbeatsWith(from: TunnelBfd): Heartbeats {
    if (!this.#heartbeats || !this.#heartbeats.joins(this, from)) {
      this.#heartbeats = from.#heartbeats = new Heartbeats(this.#ground, this, from);
    }
    return this.#heartbeats;
  }

  #send(packet: BfdControl): void {
    const {engine, counters} = this.#ground;
    const before = engine.cause;
    engine.cause = this.#lastChange;
    const number = this.#sent++;
    const passage = new Passage(this.#ground, {sender: this.name, number}, (verdict, passed) => {
      if (verdict.kind === 'dropped') this.#owner.opposite(this.peer)?.miss(this, verdict, passed);
    });
    passage.rely(this.fact);
    passage.count(counters.of(this.#owner.chassis, 'bfd packets sent'));
    passage.finish(this.#owner.transmit(packet, this.peer, passage));
    engine.cause = before;
  }

  /** A packet for this end was lost. The protocol does not see that; it is noted for who asks why the session ended. */
  miss(from: TunnelBfd, verdict: Extract<Verdict, {kind: 'dropped'}>, passage: Passage): void {
    this.#stepFromNowOn();
    if (this.#heartbeats?.joins(this, from)) this.#heartbeats.interrupted(from);
    if (this.#missed > 0 || this.session.state === 'down') return;
    this.#missed = this.#ground.journal.announce(
      'heartbeat lost',
      {chassis: this.peerName, peer: this.#owner.chassis, reason: verdict.reason, place: verdict.place},
      [passage.cause],
    );
  }

  #receive(heard: Heard): void {
    const {packet, passage, from, number} = heard;
    const {engine} = this.#ground;
    if (!this.session.accepts(packet)) return;
    this.#stepFromNowOn();
    this.#missed = 0;
    this.#heardAt = engine.now;
    const expected = this.session.expects(packet);
    this.session.receive(packet, engine.now);
    const heartbeats = this.heartbeatsWith(from);
    if (expected && passage) heartbeats.receivedAsExpected(from, number);
    else heartbeats.interrupted(from);
  }

  /** A straggler of a slow path turns up among packets that are only counted. */
  #stepFromNowOn(): void {
    const {ledger} = this.#ground;
    if (this.#heartbeats?.skipped) ledger.changed(this.fact, ledger.causeOf(this.fact));
  }

  #changed(from: BfdState, to: BfdState): void {
    const {engine, journal, ledger} = this.#ground;
    if (from !== to) {
      this.#lastChange = journal.announce(
        'bfd changed',
        {
          chassis: this.#owner.chassis,
          peer: this.peerName,
          from,
          to,
          diagnostic: this.session.diagnostic,
          heardAt: this.#heardAt,
          detectionTime: this.session.detectionTime,
        },
        this.#causesOf(to),
      );
      if (to === 'up') this.#cameUp = this.#lastChange;
      engine.cause = this.#lastChange;
    }
    ledger.changed(this.fact, engine.cause);
    this.#owner.changed(this);
  }

  /** A time-out has two causes: what armed it and what withheld its renewal. Anything else follows from what was heard. */
  #causesOf(to: BfdState): readonly number[] {
    const timedOut = to === 'down' && this.session.diagnostic === 'control-detection-time-expired';
    if (!timedOut) return [this.#ground.engine.cause];
    return [this.#cameUp, this.#missed > 0 ? this.#missed : this.#owner.whyPeerIsSilent(this.peer)];
  }

  /** A moment before the run at which the last packet may have been sent: less than the shortest interval ago. */
  #lastSentBefore(peer: TunnelBfd): Time {
    const interval = milliseconds(Math.max(this.session.settings.minTx, peer.session.settings.minRx));
    return -Math.floor(draw(this.#ground.streams.of(this.name), 1) * 0.74 * interval);
  }
}
