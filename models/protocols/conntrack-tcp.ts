import type {Direction} from './conntrack-tuple.ts';

/** The states of a TCP connection as a host in the middle sees it (nf_conntrack_proto_tcp.c). */
export type TcpState =
  | 'none'
  | 'syn-sent'
  | 'syn-recv'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'close'
  | 'syn-sent2';

/** What counts of a segment's flags; a reset is one whatever else is set, and so on down the list. */
export type TcpFlags = 'rst' | 'syn' | 'syn-ack' | 'fin' | 'ack' | 'none';

export type TcpSegment = {
  readonly flags: TcpFlags;
  /** It carries data that was not sent before. */
  readonly data?: boolean;
  /** It acknowledges less than everything. */
  readonly acknowledgesPart?: boolean;
  /** The number after its last, and up to where it acknowledges: by these, where given, the two above are found out. */
  readonly end?: number;
  readonly acknowledges?: number;
};

/** The next state; `ignore` lets the segment pass without a trace, `invalid` lets it pass untracked. */
export type TcpStep = TcpState | 'ignore' | 'invalid';

/** Every state in the order of the columns below. */
const columns: readonly TcpState[] = [
  'none',
  'syn-sent',
  'syn-recv',
  'established',
  'fin-wait',
  'close-wait',
  'last-ack',
  'time-wait',
  'close',
  'syn-sent2',
];

const words: Readonly<Record<string, TcpStep>> = {
  NO: 'none',
  SS: 'syn-sent',
  SR: 'syn-recv',
  ES: 'established',
  FW: 'fin-wait',
  CW: 'close-wait',
  LA: 'last-ack',
  TW: 'time-wait',
  CL: 'close',
  S2: 'syn-sent2',
  ig: 'ignore',
  '--': 'invalid',
};

type Table = Readonly<Record<TcpFlags, readonly TcpStep[]>>;

/** The table of the kernel, `tcp_conntracks`. */
const steps: Readonly<Record<Direction, Table>> = {
  original: {
    //          NO SS SR ES FW CW LA TW CL S2
    syn: row('  SS SS ig ig ig ig ig SS SS S2'),
    'syn-ack': row('-- -- SR -- -- -- -- -- -- SR'),
    fin: row('  -- -- FW FW LA LA LA TW CL --'),
    ack: row('  ES -- ES ES CW CW TW TW CL --'),
    rst: row('  -- CL CL CL CL CL CL CL CL CL'),
    none: row(' -- -- -- -- -- -- -- -- -- --'),
  },
  reply: {
    //          NO SS SR ES FW CW LA TW CL S2
    syn: row('  -- S2 -- -- -- -- -- SS -- S2'),
    'syn-ack': row('-- SR ig ig ig ig ig ig ig SR'),
    fin: row('  -- -- FW FW LA LA LA TW CL --'),
    ack: row('  -- ig SR ES CW CW TW TW CL ig'),
    rst: row('  -- CL CL CL CL CL CL CL CL CL'),
    none: row(' -- -- -- -- -- -- -- -- -- --'),
  },
};

/** What a segment does to a connection. Whether it is in its window is not looked at. */
export function tcpStep(state: TcpState, direction: Direction, flags: TcpFlags): TcpStep {
  return steps[direction][flags][columns.indexOf(state)];
}

/** Whether a connection is over, so that its ports may be had and a SYN may begin it again. */
export function isOver(state: TcpState): boolean {
  return state === 'time-wait' || state === 'close';
}

/** Whether a connection is on its way out, and may go on a crowded host though it is assured (tcp_can_early_drop). */
export function isClosing(state: TcpState): boolean {
  return isOver(state) || state === 'fin-wait' || state === 'last-ack' || state === 'close-wait';
}

function row(line: string): readonly TcpStep[] {
  return line
    .trim()
    .split(' ')
    .map(word => words[word]);
}
