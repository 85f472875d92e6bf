/** Why a connection is gone. */
export type StreamEnd = 'closed by peer' | 'reset by peer';

/** One end of a connection between daemons: messages arrive whole, in order, and as late as the network makes them. */
export type Stream = {
  send(message: object): void;
  /** Ends the connection; the other end learns of it if the network lets it. */
  close(): void;
  onMessage: ((message: object) => void) | undefined;
  onEnd: ((why: StreamEnd) => void) | undefined;
  /** Why nothing is heard: the announcement behind the latest loss since something arrived, either way. For causes only. */
  readonly whySilent?: number;
};

/** Opens connections to one server. */
export type Dialler = {
  /**
   * Tries once. `outcome` is called with the connection, or with why there is none; it is never called if nothing comes
   * back at all. Calling the returned function gives the attempt up.
   */
  connect(outcome: (result: Stream | 'refused' | 'unreachable') => void): () => void;
};
