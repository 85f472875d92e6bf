import type {Time} from '../../engine/time.ts';
import {never} from '../../engine/time.ts';
import {advanced} from '../wire/sequence.ts';
import type {RoundTrip} from './tcp-timeouts.ts';

export type TcpPhase =
  | 'closed'
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  /** It has said that it has nothing more to say, and waits for the other end to do so. */
  | 'fin-wait'
  /** The other end has; it may still speak itself. */
  | 'close-wait'
  | 'last-ack'
  | 'time-wait';

/** A stretch of the stream that was written at once, and travels so. */
export type Stretch = {
  readonly sequence: number;
  /** Bytes. */
  readonly size: number;
  /** Its end is the end of the stream. */
  readonly fin: boolean;
  /** What the program calls it. */
  readonly tag: number;
  /** -1 if it was not sent yet. */
  sentAt: Time;
  sentAgain: boolean;
};

/** All that a socket knows, as plain values: it can be copied, compared and moved on in time. */
export type TcpSocketState = {
  phase: TcpPhase;
  /** The first number of its own that is not acknowledged, the next new one, and the next of the other end's. */
  unacknowledged: number;
  next: number;
  expected: number;
  /** Bytes of payload that a packet carries. */
  segmentSize: number;
  /** What was written and is not acknowledged. */
  stretches: Stretch[];
  /** What came before what belongs before it. */
  early: {readonly sequence: number; readonly size: number; readonly fin: boolean; readonly tag: number}[];
  roundTrip: RoundTrip | undefined;
  timeout: Time;
  /** Time-outs since anything was acknowledged, and when the first of them was; -1 if there was none. */
  timeouts: number;
  failingSince: Time;
  /** The last packet was sent once more, to see what is missing. */
  probed: boolean;
  retransmitAt: Time;
  acknowledgeAt: Time;
  /** Up to where it has to find out what was lost; undefined if nothing is known to be. */
  recoversTo: number | undefined;
  duplicates: number;
  /** When data came last; -1 if never. */
  heardAt: Time;
  /** It answers what it hears, so acknowledgements may wait for answers. */
  chatty: boolean;
  /** Something new was acknowledged: the next packet tells the neighbour table so. */
  confirms: boolean;
  closing: boolean;
};

export function newSocketState(initial: number, segmentSize: number): TcpSocketState {
  return {
    ...{phase: 'closed', unacknowledged: initial, next: initial, expected: 0, segmentSize},
    ...{stretches: [], early: [], roundTrip: undefined, timeout: 0, timeouts: 0, failingSince: -1, probed: false},
    ...{retransmitAt: never, acknowledgeAt: never, recoversTo: undefined, duplicates: 0, heardAt: -1},
    ...{chatty: false, confirms: false, closing: false},
  };
}

/** How far a connection moves on: bytes that this end sends and hears, tags, and time. */
export type Shift = {
  readonly sent: number;
  readonly heard: number;
  readonly tags: number;
  readonly time: Time;
};

/** The state as it is after so much more of the same. */
export function shifted(state: TcpSocketState, {sent, heard, tags, time}: Shift): TcpSocketState {
  const later = (moment: Time): Time => (moment < 0 || moment === never ? moment : moment + time);
  const {roundTrip, recoversTo} = state;
  return {
    ...state,
    unacknowledged: advanced(state.unacknowledged, sent),
    next: advanced(state.next, sent),
    expected: advanced(state.expected, heard),
    stretches: state.stretches.map(stretch => ({
      ...stretch,
      sequence: advanced(stretch.sequence, sent),
      tag: stretch.tag + tags,
      sentAt: later(stretch.sentAt),
    })),
    early: state.early.map(one => ({...one, sequence: advanced(one.sequence, heard), tag: one.tag + tags})),
    roundTrip: roundTrip && {...roundTrip, shrinksAfter: advanced(roundTrip.shrinksAfter, sent)},
    failingSince: later(state.failingSince),
    retransmitAt: later(state.retransmitAt),
    acknowledgeAt: later(state.acknowledgeAt),
    recoversTo: recoversTo === undefined ? undefined : advanced(recoversTo, sent),
    heardAt: later(state.heardAt),
  };
}
