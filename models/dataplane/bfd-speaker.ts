import {draw} from '../../engine/chance.ts';
import type {Fact} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {BfdPeer} from '../protocols/bfd-peer.ts';
import type {HeartbeatLosses} from '../tables/heartbeat-losses.ts';
import type {NextHops, WatchedNextHop} from '../tables/next-hops.ts';
import {bfdPort, type BfdControl, type BfdDiagnostic, type BfdState} from '../wire/bfd.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {delivered, dropped, Passage, type Verdict} from './passage.ts';
import type {Station} from './station.ts';

type Session = {
  readonly row: WatchedNextHop;
  readonly machine: BfdPeer;
  /** Whether it is up. */
  readonly fact: Fact;
  heardAt: Time | undefined;
  /** Announcements: of the last change, of coming up. */
  lastChange: number;
  cameUp: number;
};

type Heard = {readonly session: Session; readonly packet: BfdControl};

/** RFC 5881, 5: what has passed a router is not believed. */
const sentBy = 255;

/** Internetwork control, as FRR marks its packets (bfdd/bfd.h, BFD_TOS_VAL). */
const internetControl = 0xc0;

/**
 * The BFD daemon of a router or host outside, with a session for every router of the cloud that watches it. Like those of
 * ovn-controller its packets are run one by one: they change nothing that flows rely on.
 */
export class BfdSpeaker {
  readonly #ground: Ground;
  readonly #station: Station;
  readonly #losses: HeartbeatLosses;
  readonly #sessions: readonly Session[];
  readonly #actor: number;
  #sent = 0;
  #heard = 0;

  constructor(ground: Ground, station: Station, {watched, losses}: NextHops) {
    this.#ground = ground;
    this.#station = station;
    this.#losses = losses;
    this.#sessions = watched.filter(({address}) => address === station.address).map(row => this.#begin(row));
    station.receive = (packet, passage) => this.#arrive(packet, passage);
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#sessions.reduce((earliest, {machine}) => Math.min(earliest, machine.wakeAt), never);
  }

  wake(now: Time): void {
    for (const {machine} of this.#sessions) machine.wake(now);
  }

  hear(message: unknown, now: Time): void {
    const {session, packet} = message as Heard;
    if (!session.machine.accepts(packet)) return;
    this.#losses.forget(session.row.port.address, session.row.address);
    session.heardAt = now;
    session.machine.receive(packet, now);
  }

  /** The state of the session with a router's external address. */
  state(router: Ipv4): BfdState | undefined {
    return this.#sessions.find(({row}) => row.port.address === router)?.machine.state;
  }

  /** Whether there is a session with a router that says that the way to it is dead. */
  findsDead(router: Ipv4, passage: Passage): boolean {
    const session = this.#sessions.find(({row}) => row.port.address === router);
    if (!session) return false;
    passage.rely(session.fact);
    return session.machine.state !== 'up';
  }

  #begin(row: WatchedNextHop): Session {
    const {ledger, streams, engine} = this.#ground;
    const jitters = streams.of(`${this.#station.name}/bfd/${row.router.name}`);
    const machine = new BfdPeer(
      {discriminator: row.peer?.discriminator ?? 0, jitter: count => draw(jitters, count)},
      row.timers,
      {
        send: packet => {
          this.#send(session, packet);
        },
        changed: (from, to, why) => {
          this.#changed(session, from, to, why);
        },
      },
      engine.now,
    );
    machine.settle(row.timers, row.discriminator, row.sentAt, row.peerSentAt);
    const session: Session = {row, machine, fact: ledger.add(), heardAt: undefined, lastChange: 0, cameUp: 0};
    return session;
  }

  /** Only what its sessions are about; the rest is for others. */
  #arrive(packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    const {payload} = packet;
    if (payload.kind !== 'udp' || payload.destinationPort !== bfdPort) return undefined;
    const session = this.#sessions.find(({row}) => row.port.address === packet.source);
    const control = payload.payload;
    passage.once();
    if (!session || control.kind !== 'bfd' || packet.ttl !== sentBy) {
      return dropped('unknown destination', this.#station.name);
    }
    const {engine, counters} = this.#ground;
    passage.count(counters.of(this.#station.name, 'bfd packets received'));
    const heard: Heard = {session, packet: control};
    passage.because(() => {
      engine.post(passage.arrivesAt, this.#actor, this.#actor, this.#heard++, heard);
    });
    return delivered;
  }

  #send({row, lastChange}: Session, packet: BfdControl): void {
    const {engine, counters} = this.#ground;
    const {name} = this.#station;
    const before = engine.cause;
    engine.cause = lastChange;
    const identity = {sender: `${name}/bfd/${row.router.name}`, number: this.#sent++};
    const passage = new Passage(this.#ground, identity, (verdict, {cause}) => {
      if (verdict.kind === 'dropped') this.#lost(row, verdict.reason, verdict.place, cause);
    });
    passage.count(counters.of(name, 'bfd packets sent'));
    passage.finish(this.#station.send(packetOf(row, packet), passage));
    engine.cause = before;
  }

  /** The protocol does not see that; it is noted for who asks why the session at the other end ended. */
  #lost({address, port, router}: WatchedNextHop, reason: string, place: string, cause: number): void {
    if (this.#losses.has(address, port.address)) return;
    const detail = {chassis: this.#station.name, peer: router.name, reason, place};
    this.#losses.note(address, port.address, this.#ground.journal.announce('heartbeat lost', detail, [cause]));
  }

  #changed(session: Session, from: BfdState, to: BfdState, why: BfdDiagnostic): void {
    const {engine, journal, ledger} = this.#ground;
    const {row, machine, heardAt} = session;
    const timedOut = why === 'control-detection-time-expired';
    session.lastChange = journal.announce(
      'bfd changed',
      {
        chassis: this.#station.name,
        peer: row.router.name,
        ...{from, to, diagnostic: why, heardAt, detectionTime: machine.detectionTime},
      },
      timedOut ? [session.cameUp, this.#losses.of(row.port.address, row.address)] : [engine.cause],
    );
    if (to === 'up') session.cameUp = session.lastChange;
    if (from === 'up' || to === 'up') ledger.changed(session.fact, session.lastChange);
  }
}

function packetOf({address, port, sourcePort}: WatchedNextHop, packet: BfdControl): Ipv4Packet {
  return {
    kind: 'ipv4',
    source: address,
    destination: port.address,
    ttl: sentBy,
    tos: internetControl,
    identification: 0,
    dontFragment: false,
    payload: {kind: 'udp', sourcePort, destinationPort: bfdPort, checksummed: true, payload: packet},
  };
}
