import type {Time} from '../../engine/time.ts';
import type {Frame} from '../wire/frame.ts';

/** Told of each frame that passes a place, with the moment at which it does. */
export type Tap = (frame: Frame, at: Time) => void;

/**
 * Where somebody listens to frames, as tcpdump does: `cn1 underlay`, `underlay`, `cn1 tap145db8f2-ce`, `vm1`. Listening
 * changes nothing. Only what is run is heard: whoever wants to hear all stops the skipping first (`Ledger.stopSkipping`).
 */
export class Taps {
  readonly #taps = new Map<string, Tap>();

  /** Whether anybody listens anywhere: where nobody does, nobody need be told. */
  get open(): boolean {
    return this.#taps.size > 0;
  }

  listen(place: string, tap: Tap): void {
    this.#taps.set(place, tap);
  }

  /** A frame passes a place. */
  see(place: string, frame: Frame, at: Time): void {
    this.#taps.get(place)?.(frame, at);
  }
}
