import {microseconds} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Dialler, Stream, StreamEnd} from '../wire/stream.ts';

const socketDelay = microseconds(50);

/** Connections between two daemons of one host through a Unix socket: nothing on the way can fail. */
export function localDialler(
  ground: Ground,
  server: {listening: () => boolean; accept: (stream: Stream) => void},
): Dialler {
  return {
    connect(outcome) {
      let givenUp = false;
      ground.later.at(ground.engine.now + socketDelay, () => {
        if (givenUp) return;
        if (!server.listening()) {
          outcome('refused');
          return;
        }
        const [client, accepted] = localPair(ground);
        server.accept(accepted);
        outcome(client);
      });
      return () => {
        givenUp = true;
      };
    },
  };
}

/** Both ends of a connection that is there already. */
export function localPair(ground: Ground): readonly [Stream, Stream] {
  const a = new LocalEnd(ground);
  const b = new LocalEnd(ground);
  a.other = b;
  b.other = a;
  return [a, b];
}

class LocalEnd implements Stream {
  onMessage: ((message: object) => void) | undefined;
  onEnd: ((why: StreamEnd) => void) | undefined;
  other: LocalEnd | undefined;
  readonly #ground: Ground;
  #open = true;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  send(message: object): void {
    this.#toOther(other => {
      if (other.#open) other.onMessage?.(message);
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#toOther(other => {
      if (!other.#open) return;
      other.#open = false;
      other.onEnd?.('closed by peer');
    });
    this.#open = false;
  }

  #toOther(act: (other: LocalEnd) => void): void {
    const {other} = this;
    if (!this.#open || !other) return;
    this.#ground.later.at(this.#ground.engine.now + socketDelay, () => {
      act(other);
    });
  }
}
