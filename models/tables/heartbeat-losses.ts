import type {Ipv4} from '../wire/ipv4.ts';

/**
 * Why somebody hears nothing of somebody: the announcement behind the first packet that did not arrive since the last that
 * did. No daemon knows it; it is for the chain of causes that leads from a time-out back to the fault.
 */
export class HeartbeatLosses {
  readonly #losses = new Map<string, number>();

  /** A packet was lost, or will not be sent, because of an announcement. Only the first since the last one heard counts. */
  note(from: Ipv4, to: Ipv4, announcement: number): void {
    const key = keyOf(from, to);
    if (announcement > 0 && !this.#losses.has(key)) this.#losses.set(key, announcement);
  }

  /** A packet has arrived. */
  forget(from: Ipv4, to: Ipv4): void {
    this.#losses.delete(keyOf(from, to));
  }

  has(from: Ipv4, to: Ipv4): boolean {
    return this.#losses.has(keyOf(from, to));
  }

  /** The announcement; 0 if none is known. */
  of(from: Ipv4, to: Ipv4): number {
    return this.#losses.get(keyOf(from, to)) ?? 0;
  }
}

function keyOf(from: Ipv4, to: Ipv4): string {
  return `${from} ${to}`;
}
