import {draw} from '../../../engine/chance.ts';
import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {NextHopBfd} from '../../protocols/next-hop-bfd.ts';
import {bfdKey, bfdStatus, type NextHops, type WatchedNextHop} from '../../tables/next-hops.ts';
import type {OpenFlowChannel} from '../../tables/openflow-channel.ts';
import {bfdPort, type BfdControl, type BfdDiagnostic, type BfdState} from '../../wire/bfd.ts';
import type {Frame} from '../../wire/frame.ts';
import {formatIpv4} from '../../wire/ipv4.ts';
import {broadcastMac} from '../../wire/mac.ts';
import type {Plan} from './iteration.ts';
import type {Write} from './southbound-messages.ts';

export type NextHopMonitorSurroundings = {
  readonly name: string;
  readonly host: Host;
  readonly channel: OpenFlowChannel;
  readonly nextHops: NextHops;
};

type Session = {
  readonly row: WatchedNextHop;
  readonly machine: NextHopBfd;
  /** The state has changed since the main loop last wrote it. */
  unwritten: boolean;
  heardAt: Time | undefined;
  /** Announcements: of the last change, of coming up. */
  lastChange: number;
  cameUp: number;
};

/** Changes that were heard of are written together: at the tenth, or once the last writing was so long ago (pinctrl.c). */
const batch = 10;
const batchTimeout: Time = seconds(5);

/** CS6, as pinctrl_compose_ipv4 marks its packets. */
const internetControl = 0xc0;

/**
 * Next-hop BFD of one chassis as ovn-controller 23.03 runs it. Its thread for packets (pinctrl.c, bfd_monitor_send_msg)
 * goes round all sessions whenever it wakes: when a packet of any of them is due, when something has come up from the
 * switch, when it announces addresses. The main loop (bfd_monitor_run) begins sessions where the router's gateway port is
 * active, ends them where it no longer is, and writes their states to the southbound database.
 *
 * Its packets are run one by one, never counted: they come once a second, and take the way of any packet without changing
 * a fact that flows rely on.
 */
export class NextHopMonitor {
  readonly #ground: Ground;
  readonly #among: NextHopMonitorSurroundings;
  readonly #rearm: () => void;
  readonly #sessions = new Map<WatchedNextHop, Session>();
  #rounds = 0;
  #sent = 0;
  #roundAt: Time = never;
  #writeAt: Time = never;
  #pending = 0;
  #askedAt: Time;

  /** `rearm`: its wishes may have become earlier. */
  constructor(ground: Ground, among: NextHopMonitorSurroundings, rearm: () => void) {
    this.#ground = ground;
    this.#among = among;
    this.#rearm = rearm;
    this.#askedAt = ground.engine.now;
  }

  /** When the thread has something to do. Without a switch to send to it does nothing, not even look at the clock. */
  get wakeAt(): Time {
    if (this.#sessions.size === 0 || !this.#among.channel.connected) return never;
    let next = never;
    for (const {machine} of this.#sessions.values()) next = Math.min(next, machine.wakeAt);
    const late = this.#among.host.takeNumbered('timer', `${this.#among.name}/next hops`, this.#rounds);
    return Math.min(next + late, this.#roundAt);
  }

  /** When the main loop was asked to write. */
  get writeAt(): Time {
    return this.#writeAt;
  }

  /** Has long run the sessions of these routers: up where there is somebody to speak to. */
  beginSettled(active: ReadonlySet<number>): void {
    for (const row of this.#among.nextHops.watched) {
      if (!active.has(row.router.number)) continue;
      const {machine} = this.#begin(row);
      if (row.peer) machine.settle(row.timers, row.peer.discriminator, row.peerSentAt, row.sentAt);
      else machine.begin();
    }
  }

  /** The main loop's turn: sessions of routers that are active here, and what there is to write of them. */
  run(active: ReadonlySet<number>, writable: boolean, plan: Plan): void {
    this.#writeAt = never;
    for (const row of this.#among.nextHops.watched) {
      const session = this.#sessions.get(row);
      if (!active.has(row.router.number)) this.#end(row, plan.cause);
      else if (!session) this.#begin(row).lastChange = plan.cause;
      else if (session.machine.state === 'admin-down') {
        session.machine.begin();
        this.#roundAt = this.#ground.engine.now;
      } else if (session.unwritten && writable) plan.writes.push(this.#write(session));
    }
  }

  /** Something came up from the switch: the thread goes round after it. */
  heardOfSwitch(): void {
    this.#roundAt = this.#ground.engine.now;
  }

  /** A frame for one of the sessions. */
  hear({payload}: Frame): void {
    if (payload.kind !== 'ipv4' || payload.payload.kind !== 'udp' || payload.payload.payload.kind !== 'bfd') return;
    const {source, destination} = payload;
    const {counters, engine} = this.#ground;
    const packet = payload.payload.payload;
    for (const session of this.#sessions.values()) {
      const {row, machine} = session;
      if (row.address !== source || row.port.address !== destination || !machine.accepts(packet)) continue;
      this.#among.nextHops.losses.forget(source, destination);
      counters.add(counters.of(this.#among.name, 'bfd packets received'));
      session.heardAt = engine.now;
      machine.receive(packet, engine.now);
    }
  }

  /** The thread goes round, as it does whenever it wakes, for these sessions or for something else. */
  wake(now: Time): void {
    if (this.#sessions.size === 0 || !this.#among.channel.connected) return;
    this.#rounds += 1;
    if (this.#roundAt <= now) this.#roundAt = never;
    this.#askIfDue(now);
    for (const {machine} of this.#sessions.values()) machine.wake(now);
  }

  /** The process ends. */
  close(): void {
    for (const row of [...this.#sessions.keys()]) this.#end(row, this.#ground.engine.cause);
  }

  #begin(row: WatchedNextHop): Session {
    const {engine, streams} = this.#ground;
    const {name, host} = this.#among;
    const jitters = streams.of(`${name}/next hop ${formatIpv4(row.address)} of ${row.router.name}/${engine.now}`);
    const machine = new NextHopBfd(
      {discriminator: row.discriminator, phase: host.phase, jitter: count => draw(jitters, count)},
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
    const session: Session = {row, machine, unwritten: false, heardAt: undefined, lastChange: 0, cameUp: 0};
    this.#sessions.set(row, session);
    return session;
  }

  #end(row: WatchedNextHop, cause: number): void {
    if (!this.#sessions.delete(row)) return;
    this.#among.nextHops.losses.note(row.port.address, row.address, cause);
  }

  #write(session: Session): Write {
    const {row, machine, lastChange} = session;
    if (machine.state === 'down') machine.forgetPeer();
    session.unwritten = false;
    return {table: 'BFD', key: bfdKey(row.router, row.address), value: bfdStatus(machine.state), cause: lastChange};
  }

  /** Who is silent for too long is written down at once; what peers say waits for its batch. */
  #changed(session: Session, from: BfdState, to: BfdState, why: BfdDiagnostic): void {
    const {engine, journal} = this.#ground;
    const {row, machine, heardAt} = session;
    const timedOut = why === 'control-detection-time-expired';
    session.lastChange = journal.announce(
      'bfd changed',
      {
        chassis: this.#among.name,
        peer: nameOf(row),
        ...{from, to, diagnostic: why, heardAt, detectionTime: machine.detectionTime},
      },
      timedOut ? [session.cameUp, this.#among.nextHops.losses.of(row.address, row.port.address)] : [engine.cause],
    );
    if (to === 'up') session.cameUp = session.lastChange;
    session.unwritten = true;
    if (timedOut) this.#ask(engine.now);
    else {
      this.#pending += 1;
      this.#askIfDue(engine.now);
    }
  }

  #askIfDue(now: Time): void {
    const {host} = this.#among;
    const clock = (time: Time): number => Math.floor((time + host.phase) / milliseconds(1));
    const isOld = clock(this.#askedAt) + batchTimeout / milliseconds(1) < clock(now);
    if (this.#pending === batch || (this.#pending > 0 && isOld)) this.#ask(now);
  }

  #ask(now: Time): void {
    this.#askedAt = now;
    this.#pending = 0;
    this.#writeAt = now;
    this.#rearm();
  }

  #send({row, lastChange}: Session, packet: BfdControl): void {
    const {engine, counters} = this.#ground;
    const {channel, name, nextHops} = this.#among;
    const before = engine.cause;
    engine.cause = lastChange;
    counters.add(counters.of(name, 'bfd packets sent'));
    channel.onPacketOut?.({
      router: row.router,
      into: 'router',
      sender: `${name}/next hop ${formatIpv4(row.address)} of ${row.router.name}`,
      number: this.#sent++,
      frame: frameOf(row, packet),
      lost: (reason, place, cause) => {
        if (nextHops.losses.has(row.port.address, row.address)) return;
        const detail = {chassis: name, peer: nameOf(row), reason, place};
        const announcement = this.#ground.journal.announce('heartbeat lost', detail, [cause]);
        nextHops.losses.note(row.port.address, row.address, announcement);
      },
    });
    engine.cause = before;
  }
}

function nameOf({router, address}: WatchedNextHop): string {
  return `next hop ${formatIpv4(address)} of ${router.name}`;
}

/** As bfd_monitor_put_bfd_msg makes it; the flows of the router find the next hop's MAC. */
function frameOf({port, address, sourcePort}: WatchedNextHop, packet: BfdControl): Frame {
  return {
    source: port.mac,
    destination: broadcastMac,
    vlan: undefined,
    payload: {
      kind: 'ipv4',
      source: port.address,
      destination: address,
      ttl: 255,
      tos: internetControl,
      identification: 0,
      dontFragment: true,
      payload: {kind: 'udp', sourcePort, destinationPort: bfdPort, checksummed: false, payload: packet},
    },
  };
}
