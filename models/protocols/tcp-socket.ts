import {milliseconds, never, seconds, type Time} from '../../engine/time.ts';
import {advanced, isAfter} from '../wire/sequence.ts';
import {firstTimeout, leastTimeout, measured, mostTimeout, timeoutFor} from './tcp-timeouts.ts';
import {newSocketState, type Stretch, type TcpPhase, type TcpSocketState} from './tcp-socket-state.ts';
import {jiffy, kernelTimer} from './timer-wheel.ts';

/** A segment as a socket makes it and hears it; a stretch that is longer than a packet is one, too. */
export type TcpSegment = {
  readonly sequence: number;
  /** Undefined only of the first. */
  readonly acknowledgement: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** Bytes of payload. */
  readonly size: number;
  /** What the program that wrote it calls it. */
  readonly tag: number;
  /** Bytes of payload that who sends it takes in a packet: the option of a SYN. */
  readonly segmentSize: number | undefined;
};

/** Why a connection is over. */
export type TcpEnd = 'closed' | 'reset' | 'refused' | 'unreachable' | 'timed out';

/** What a socket needs from its surroundings. */
export type TcpPort = {
  /** `confirms`: the neighbour that it goes to has been proved to be there (sk_dst_confirm). */
  transmit(segment: TcpSegment, confirms: boolean): void;
  opened(): void;
  /** The next stretch of the other end's stream is here. */
  deliver(tag: number): void;
  /** The other end has nothing more to say. */
  finished(): void;
  ended(why: TcpEnd): void;
};

/** What an ICMP error tells a socket. */
export type TcpTrouble = {readonly kind: 'port unreachable' | 'unreachable'} | {readonly kind: 'too big'; mtu: number};

/** tcp_syn_retries and tcp_syn_linear_timeouts (since Linux 6.5), tcp_synack_retries. */
const synRetries = 6;
const linearSynTimeouts = 4;
const synAckRetries = 5;

/** What tcp_retries2 = 15 comes to: nine doublings of 200 ms and six times two minutes (tcp_model_timeout). */
const lifeWithoutAnswer: Time = 1023 * milliseconds(200) + 6 * seconds(120);

/** How many stretches are under way at most: TCP_INIT_CWND. The window does not grow, for programs say less than it holds. */
const window = 10;

/** TCP_DELACK_MIN, and how soon after hearing something who speaks counts as answering (TCP_ATO_MIN). */
const acknowledgementDelay = milliseconds(40);

/** A duplicate proves a loss at once if it comes later than a round trip and a quarter of it (tcp_recovery.c, RACK). */
const provingDuplicates = 3;

/** IPv4 and TCP headers without options. */
export const tcpHeaders = 40;

/**
 * One end of a TCP connection as Linux runs it (net/ipv4/tcp_*.c of 6.18), for programs that say little: what is written at
 * once travels as one stretch and is acknowledged whole.
 *
 * Time-outs are those of RFC 6298 with Linux's bounds, from a measured round trip (Karn's rule), doubling up to 2 minutes;
 * before the first of them the last stretch is sent once more (tail loss probe). A duplicate acknowledgement that comes a
 * round trip after the first missing stretch was sent proves it lost. Who answers what it hears delays acknowledgements by
 * 40 ms, all others acknowledge at once.
 *
 * Not modelled: congestion windows beyond the initial one, flow control, SACK blocks, timestamps, urgent data, keepalive (off
 * unless a program asks for it), delayed acknowledgements of one-way data, and small writes put together.
 */
export class TcpSocket {
  readonly #phase: Time;
  readonly #port: TcpPort;
  #state: TcpSocketState;

  /** `phase` is the moment of the kernel's jiffy 0, `initial` the first sequence number. */
  constructor(port: TcpPort, phase: Time, initial: number, segmentSize: number) {
    this.#port = port;
    this.#phase = phase;
    this.#state = newSocketState(initial, segmentSize);
  }

  get phase(): TcpPhase {
    return this.#state.phase;
  }

  get segmentSize(): number {
    return this.#state.segmentSize;
  }

  get wakeAt(): Time {
    return Math.min(this.#state.retransmitAt, this.#state.acknowledgeAt);
  }

  /** A copy of all that it knows. */
  get state(): TcpSocketState {
    const {stretches, early} = this.#state;
    return {...this.#state, stretches: stretches.map(one => ({...one})), early: [...early]};
  }

  /** Takes over what a copy says, which is its own from then on. */
  restore(state: TcpSocketState): void {
    this.#state = state;
  }

  connect(now: Time): void {
    this.#state.phase = 'syn-sent';
    this.#state.timeout = firstTimeout;
    this.#sendSyn(now);
  }

  /** Answers a SYN. */
  accept(syn: TcpSegment, now: Time): void {
    this.#state.phase = 'syn-received';
    this.#state.timeout = firstTimeout;
    this.#hearSyn(syn);
    this.#sendSyn(now);
  }

  /** Writes so many bytes to the stream. */
  send(size: number, tag: number, now: Time): void {
    this.#append(size, false, tag);
    this.#flush(now);
  }

  /** Says that nothing more will be written. */
  close(now: Time): void {
    const state = this.#state;
    if (state.closing || state.phase === 'closed') return;
    state.closing = true;
    if (state.phase === 'syn-sent') {
      this.#forget();
      return;
    }
    this.#append(0, true, -1);
    if (state.phase === 'established') state.phase = 'fin-wait';
    else if (state.phase === 'close-wait') state.phase = 'last-ack';
    this.#flush(now);
  }

  /** The program is gone and its kernel knows: the other end is told. */
  abort(): void {
    const {phase, next} = this.#state;
    if (phase !== 'closed' && phase !== 'syn-sent') this.#transmit({sequence: next, rst: true});
    this.#forget();
  }

  receive(segment: TcpSegment, now: Time): void {
    const {phase} = this.#state;
    if (phase === 'closed') return;
    if (phase === 'syn-sent') this.#hearWhileConnecting(segment, now);
    else if (segment.rst) this.#hearReset(segment);
    else if (segment.syn) this.#hearSynAgain(now);
    else this.#hear(segment, now);
  }

  /** Only who is still connecting gives up for an error; later ones are taken for passing trouble (tcp_v4_err). */
  hearTrouble(trouble: TcpTrouble, now: Time): void {
    const state = this.#state;
    if (trouble.kind === 'too big') {
      const fits = trouble.mtu - tcpHeaders;
      if (state.phase === 'closed' || fits >= state.segmentSize) return;
      state.segmentSize = fits;
      this.#sendAgain(this.#oldest, now);
    } else if (state.phase === 'syn-sent') {
      this.#end(trouble.kind === 'port unreachable' ? 'refused' : 'unreachable');
    }
  }

  wake(now: Time): void {
    const state = this.#state;
    if (now >= state.acknowledgeAt) this.#acknowledge();
    if (now >= state.retransmitAt) this.#timedOut(now);
  }

  get #oldest(): Stretch | undefined {
    const [oldest] = this.#state.stretches;
    return oldest && oldest.sentAt >= 0 ? oldest : undefined;
  }

  get #underWay(): readonly Stretch[] {
    return this.#state.stretches.filter(({sentAt}) => sentAt >= 0);
  }

  #hearSyn({sequence, segmentSize}: TcpSegment): void {
    const state = this.#state;
    state.expected = advanced(sequence, 1);
    if (segmentSize !== undefined) state.segmentSize = Math.min(state.segmentSize, segmentSize);
  }

  #hearWhileConnecting(segment: TcpSegment, now: Time): void {
    const state = this.#state;
    const {acknowledgement, rst, syn} = segment;
    if (acknowledgement !== state.next) {
      // Somebody there remembers an older connection.
      if (!rst && acknowledgement !== undefined) this.#transmit({sequence: acknowledgement, rst: true});
      return;
    }
    if (rst) this.#end('refused');
    else if (syn) {
      this.#hearSyn(segment);
      this.#establish(now);
      this.#acknowledge();
      this.#port.opened();
      this.#flush(now);
    }
  }

  /** The handshake is done; its round trip counts if nothing was sent twice. */
  #establish(now: Time): void {
    const state = this.#state;
    const [syn] = state.stretches;
    state.phase = 'established';
    state.unacknowledged = advanced(syn.sequence, 1);
    state.stretches.shift();
    if (!syn.sentAgain) this.#measure(now - syn.sentAt);
    this.#progress(now);
  }

  /** A reset counts only where it stands exactly where the next byte would (RFC 5961, 3.2). */
  #hearReset({sequence}: TcpSegment): void {
    if (sequence === this.#state.expected) this.#end('reset');
  }

  /** The SYN-ACK, or the acknowledgement of the handshake, was lost; or somebody makes connections up. */
  #hearSynAgain(now: Time): void {
    if (this.#state.phase === 'syn-received') this.#sendAgain(this.#oldest, now);
    else this.#acknowledge();
  }

  #hear(segment: TcpSegment, now: Time): void {
    const state = this.#state;
    if (state.phase === 'syn-received') {
      if (segment.acknowledgement !== state.next) return;
      this.#establish(now);
      this.#port.opened();
    } else this.#hearAcknowledgement(segment, now);
    if (segment.size > 0 || segment.fin) this.#hearData(segment, now);
    this.#flush(now);
    if (state.phase === 'last-ack' && state.stretches.length === 0) this.#end('closed');
  }

  #hearAcknowledgement({acknowledgement = 0, size, fin}: TcpSegment, now: Time): void {
    const state = this.#state;
    const {unacknowledged, next} = state;
    if (isAfter(acknowledgement, unacknowledged) && !isAfter(acknowledgement, next)) {
      this.#acknowledged(acknowledgement, now);
    } else if (acknowledgement === unacknowledged && size === 0 && !fin && this.#oldest) {
      this.#duplicate(this.#oldest, now);
    }
  }

  #acknowledged(upTo: number, now: Time): void {
    const state = this.#state;
    let sample: Time = -1;
    while (state.stretches.length > 0 && !isAfter(endOf(state.stretches[0]), upTo)) {
      const {sentAgain, sentAt} = state.stretches.shift()!;
      if (!sentAgain) sample = now - sentAt;
    }
    state.unacknowledged = upTo;
    if (sample >= 0) this.#measure(sample);
    const {recoversTo} = state;
    this.#progress(now);
    if (recoversTo !== undefined && isAfter(recoversTo, upTo)) {
      state.recoversTo = recoversTo;
      this.#sendAgain(this.#oldest, now);
    }
  }

  /** The other end is there: what was thought of its silence is forgotten. */
  #progress(now: Time): void {
    const state = this.#state;
    state.confirms = true;
    state.timeouts = state.duplicates = 0;
    state.failingSince = -1;
    state.probed = false;
    state.recoversTo = undefined;
    state.timeout = timeoutFor(state.roundTrip);
    this.#arm(now);
  }

  #duplicate(oldest: Stretch, now: Time): void {
    const state = this.#state;
    state.confirms = true;
    state.duplicates += 1;
    if (state.recoversTo !== undefined) return;
    const trip = Math.floor((state.roundTrip?.smoothed ?? 0) / 8);
    const isOverdue = now - oldest.sentAt > trip + Math.floor(trip / 4);
    if (!isOverdue && state.duplicates < provingDuplicates) return;
    state.recoversTo = state.next;
    this.#sendAgain(oldest, now);
  }

  #hearData(segment: TcpSegment, now: Time): void {
    const state = this.#state;
    const {sequence} = segment;
    if (sequence !== state.expected) {
      const isNew = isAfter(sequence, state.expected) && state.early.every(one => one.sequence !== sequence);
      if (isNew) state.early.push(segment);
      this.#acknowledge();
      return;
    }
    state.heardAt = now;
    const hadGap = state.early.length > 0;
    if (state.chatty && !hadGap && !segment.fin) {
      state.acknowledgeAt = Math.min(state.acknowledgeAt, now + acknowledgementDelay);
    } else state.acknowledgeAt = now;
    this.#take(segment);
    for (let next = this.#nextEarly(); next; next = this.#nextEarly()) this.#take(next);
    if (state.acknowledgeAt <= now) this.#acknowledge();
  }

  #nextEarly(): TcpSocketState['early'][number] | undefined {
    const state = this.#state;
    const index = state.early.findIndex(({sequence}) => sequence === state.expected);
    return index < 0 ? undefined : state.early.splice(index, 1)[0];
  }

  #take({size, fin, tag}: {readonly size: number; readonly fin: boolean; readonly tag: number}): void {
    const state = this.#state;
    state.expected = advanced(state.expected, size + (fin ? 1 : 0));
    if (size > 0) this.#port.deliver(tag);
    if (!fin) return;
    this.#acknowledge();
    if (state.phase === 'established') {
      state.phase = 'close-wait';
      this.#port.finished();
    } else if (state.phase === 'fin-wait') this.#end('closed', 'time-wait');
  }

  #append(size: number, fin: boolean, tag: number): void {
    const state = this.#state;
    const last = state.stretches.at(-1);
    const sequence = last ? endOf(last) : state.next;
    state.stretches.push({sequence, size, fin, tag, sentAt: -1, sentAgain: false});
  }

  /** Sends what was written as far as the window allows; nothing new while it is not clear what was lost. */
  #flush(now: Time): void {
    const state = this.#state;
    if (state.phase === 'closed' || state.phase === 'syn-sent' || state.phase === 'syn-received') return;
    let sent = false;
    let room = state.timeouts > 0 ? 0 : window - this.#underWay.length;
    for (const stretch of state.stretches) {
      if (stretch.sentAt >= 0) continue;
      if (room-- <= 0) break;
      stretch.sentAt = now;
      state.next = endOf(stretch);
      this.#transmitStretch(stretch, now);
      sent = true;
    }
    if (sent && state.recoversTo === undefined && !state.probed) this.#arm(now);
  }

  /** Until when an answer is waited for: the probe comes first, if nothing is known to be lost (tcp_schedule_loss_probe). */
  #arm(now: Time): void {
    const state = this.#state;
    const count = this.#underWay.length;
    if (count === 0) {
      state.retransmitAt = never;
      return;
    }
    const trip = Math.floor((state.roundTrip?.smoothed ?? 0) / 8);
    const mayProbe = state.phase !== 'syn-sent' && state.phase !== 'syn-received' && state.roundTrip !== undefined;
    const probe = mayProbe && !state.probed && state.recoversTo === undefined;
    const wait = count > 1 ? 2 * trip + 2 * jiffy : 2 * trip + leastTimeout;
    state.retransmitAt = kernelTimer(now, probe ? Math.min(wait, state.timeout) : state.timeout, this.#phase);
  }

  #timedOut(now: Time): void {
    const state = this.#state;
    if (state.phase === 'syn-sent' || state.phase === 'syn-received') this.#handshakeTimedOut(now);
    else if (!state.probed && state.recoversTo === undefined && state.roundTrip) {
      state.probed = true;
      this.#sendAgain(this.#underWay.at(-1), now);
    } else if (state.failingSince >= 0 && now - state.failingSince >= lifeWithoutAnswer) this.#end('timed out');
    else {
      if (state.failingSince < 0) state.failingSince = now;
      state.timeouts += 1;
      state.recoversTo = state.next;
      state.timeout = Math.min(state.timeout * 2, mostTimeout);
      this.#sendAgain(this.#oldest, now);
    }
  }

  /** SYNs go out each second at first and then at doubling distances, SYN-ACKs at doubling ones from the beginning. */
  #handshakeTimedOut(now: Time): void {
    const state = this.#state;
    const isSyn = state.phase === 'syn-sent';
    if (state.timeouts >= (isSyn ? synRetries + linearSynTimeouts : synAckRetries)) {
      this.#end('timed out');
      return;
    }
    state.timeouts += 1;
    if (!isSyn || state.timeouts > linearSynTimeouts) state.timeout = Math.min(state.timeout * 2, mostTimeout);
    this.#sendAgain(this.#oldest, now);
  }

  #measure(sample: Time): void {
    const state = this.#state;
    state.roundTrip = measured(state.roundTrip, Math.max(sample, 1), state.unacknowledged, state.next);
  }

  /** The SYN takes the place of one byte. */
  #sendSyn(now: Time): void {
    const state = this.#state;
    const syn: Stretch = {sequence: state.next, size: 0, fin: false, tag: synTag, sentAt: now, sentAgain: false};
    state.stretches.unshift(syn);
    state.next = endOf(syn);
    this.#transmitStretch(syn, now);
    this.#arm(now);
  }

  #sendAgain(stretch: Stretch | undefined, now: Time): void {
    if (!stretch) return;
    stretch.sentAt = now;
    stretch.sentAgain = true;
    this.#transmitStretch(stretch, now);
    this.#arm(now);
  }

  #transmitStretch({sequence, size, fin, tag}: Stretch, now: Time): void {
    const state = this.#state;
    const syn = tag === synTag;
    if (size > 0 && state.heardAt >= 0 && now - state.heardAt < acknowledgementDelay) state.chatty = true;
    this.#transmit({sequence, size, fin, syn, tag, ...(syn && {segmentSize: state.segmentSize})});
  }

  #acknowledge(): void {
    this.#transmit({sequence: this.#state.next});
  }

  #transmit(segment: Partial<TcpSegment> & {readonly sequence: number}): void {
    const state = this.#state;
    const confirms = state.confirms;
    state.confirms = false;
    state.acknowledgeAt = never;
    const acknowledgement = state.phase === 'syn-sent' ? undefined : state.expected;
    const plain = {syn: false, fin: false, rst: false, size: 0, tag: -1, segmentSize: undefined};
    this.#port.transmit({...plain, acknowledgement, ...segment}, confirms);
  }

  #end(why: TcpEnd, phase: TcpPhase = 'closed'): void {
    this.#forget(phase);
    this.#port.ended(why);
  }

  #forget(phase: TcpPhase = 'closed'): void {
    const state = this.#state;
    state.phase = phase;
    state.retransmitAt = state.acknowledgeAt = never;
    state.stretches.length = state.early.length = 0;
  }
}

/** What no program writes. */
const synTag = -2;

function endOf({sequence, size, fin, tag}: Stretch): number {
  return advanced(sequence, size + (fin || tag === synTag ? 1 : 0));
}
