import {milliseconds, type Time} from '../engine/time.ts';
import {listeningPlaces, type ListeningPlace, type ListeningPlaces} from '../models/inspect/listening-places.ts';
import {formatFrame} from '../models/inspect/tcpdump.ts';
import {encodePcap, type Captured} from '../models/wire/pcap.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Run} from './run.ts';

/** What is under way when the listening begins was sent no longer before than this: slower packets wait and go on. */
const longestWay: Time = milliseconds(100);

/** Where one can listen in a run. */
export function placesToListen({world}: Run): readonly ListeningPlaces[] {
  return listeningPlaces(world);
}

/** The place that words mean, or what is wrong with them. Between node and namespace may stand `ip netns exec`. */
export function findPlace(
  groups: readonly ListeningPlaces[],
  words: readonly string[],
): ListeningPlace | {readonly flaw: string} {
  const text = words.join(' ').trim().replace(/\s+/g, ' ').replace(' ip netns exec ', ' ');
  const places = groups.flatMap(group => group.places);
  const found = places.find(({name, tap}) => name === text || tap === text);
  if (found) return found;
  const hint = didYouMean(
    text,
    places.map(({name}) => name),
  );
  return {flaw: [`there is no ${quote(text)} to listen at.`, ...(hint === undefined ? [] : [hint])].join(' ')};
}

/** Listens at a place from one moment up to another, and changes nothing else. `advance` runs the run up to a moment. */
export class Capture {
  readonly #run: Run;
  readonly #from: Time;
  readonly #to: Time;
  readonly #captured: Captured[] = [];

  constructor(run: Run, from: Time, to: Time) {
    this.#run = run;
    this.#from = from;
    this.#to = to;
  }

  /** From when on everything has to be run packet by packet. */
  get beginsAt(): Time {
    return Math.max(0, this.#from - longestWay);
  }

  /** Begins to listen; to be called when the run has come to `beginsAt`. */
  begin({tap}: ListeningPlace): void {
    const {ledger, taps} = this.#run.world.ground;
    ledger.stopSkipping();
    taps.listen(tap, (frame, at) => {
      if (at >= this.#from && at < this.#to) this.#captured.push({at, frame});
    });
  }

  /** What was heard, in the order of its moments. */
  get captured(): readonly Captured[] {
    return [...this.#captured].sort((a, b) => a.at - b.at);
  }
}

/** A line for a packet, as tcpdump prints it; moments are seconds of the run. */
export function captureLine({at, frame}: Captured): string {
  return `${(at / 1_000_000).toFixed(6)} ${formatFrame(frame)}`;
}

/** The packets as a file that tcpdump and Wireshark read. */
export function captureFile(captured: readonly Captured[]): Uint8Array {
  return encodePcap(captured);
}
