import type {Time} from '../../engine/time.ts';

/** What was lost alike of what programs of one kind send. */
export type Loss = {
  readonly of: 'dhcp messages';
  readonly reason: string;
  readonly place: string;
  readonly packets: number;
  /** When the first and the last of them were sent. */
  readonly firstAt: Time;
  readonly lastAt: Time;
};

/** Messages of programs that got to nobody: flows keep their own account. */
export class Losses {
  readonly #sums = new Map<string, Loss>();

  note(of: Loss['of'], reason: string, place: string, sentAt: Time): void {
    const key = `${of} ${reason} at ${place}`;
    const {packets = 0, firstAt = sentAt} = this.#sums.get(key) ?? {};
    this.#sums.set(key, {of, reason, place, packets: packets + 1, firstAt, lastAt: sentAt});
  }

  /** In the order in which they began. */
  list(): readonly Loss[] {
    return [...this.#sums.values()];
  }
}
