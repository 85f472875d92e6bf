import type {SouthboundTable} from '../../tables/southbound-contents.ts';

/** One column of one row set by a transaction. The last writer wins: nothing of the old value is verified. */
export type Write = {
  readonly table: SouthboundTable;
  readonly key: number;
  readonly value: number;
  /** The announcement from which the write followed. */
  readonly cause: number;
};

/** What clients say to the southbound server. */
export type Request =
  /** One of the exchanges with which a client begins: schema, monitors, or a change of what it monitors. */
  | {readonly kind: 'ask'; readonly number: number; readonly last: boolean}
  | {readonly kind: 'transact'; readonly number: number; readonly writes: readonly Write[]}
  | {readonly kind: 'echo'};

/** What the server says to clients. A transaction's changes come before its reply. */
export type Notice =
  | {readonly kind: 'answer'; readonly number: number; readonly watermark: number | undefined}
  | {readonly kind: 'update'; readonly watermark: number; readonly cause: number}
  | {readonly kind: 'reply'; readonly number: number}
  | {readonly kind: 'echo reply'};
