import type {Actor} from '../../engine/actor.ts';
import type {Engine} from '../../engine/engine.ts';
import type {Journal} from '../../engine/journal.ts';
import type {Ledger} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';

/** What the toys announce. */
export type Toys = {
  switched: {lamp: number; lit: boolean};
  'ticked in the dark': {ticker: number; ticks: number};
  'beat lost': {beacon: number; sent: number};
  'fell silent': {listener: number; heard: number};
  'heard again': {listener: number; beat: number};
  looked: {at: Time; seen: readonly number[]};
};

/** What every toy lives in. */
export type ToyWorld = {readonly engine: Engine; readonly ledger: Ledger; readonly journal: Journal<Toys>};

/** Does at any time what it is told to in a message, and may tell others to do something at once. */
export class Doer implements Actor {
  readonly wakeAt = never;

  wake(): void {
    throw new Error('it did not ask for that');
  }

  hear(deed: unknown): void {
    (deed as () => void)();
  }
}
