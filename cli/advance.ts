import type {Time} from '../engine/time.ts';
import type {Run} from '../scenarios/run.ts';
import {Progress} from './progress.ts';

/** Runs until `until` in slices of so many events, so that signals are heard and progress is seen. */
export async function advance(run: Run, until: Time, name: string): Promise<void> {
  const progress = new Progress(process.stderr);
  let events = 1000;
  try {
    for (let done = run.now >= until; !done;) {
      const began = performance.now();
      done = run.advance(until, events);
      events = nextSlice(events, performance.now() - began);
      progress.show(run.now / until, name);
      await new Promise(resolve => setImmediate(resolve));
    }
  } finally {
    progress.end();
  }
}

/**
 * Slices of some tens of real milliseconds, however much an event has to do: all of a cloud may begin to send at one
 * instant. How a run is sliced does not show in its results.
 */
function nextSlice(events: number, took: number): number {
  if (took > 100) return Math.max(1, Math.floor(events / 2));
  return took < 20 ? events * 2 : events;
}
