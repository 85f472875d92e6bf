import {Chance} from '../../engine/chance.ts';
import {Engine} from '../../engine/engine.ts';
import {HeapAgenda} from '../../engine/heap-agenda.ts';
import {Journal} from '../../engine/journal.ts';
import {Ledger} from '../../engine/ledger.ts';
import {toSeconds} from '../../engine/time.ts';
import type {Announcement, Announcements} from '../../models/events/announcements.ts';
import {Later, Streams, type Ground} from '../../models/ground.ts';
import {Counters} from '../../models/tables/counters.ts';
import {Losses} from '../../models/tables/losses.ts';
import {Taps} from '../../models/tables/taps.ts';

/** What models stand on, without a world. */
export function makeGround(seed = '1'): Ground {
  const engine = new Engine(new HeapAgenda());
  const chance = new Chance(seed);
  return {
    engine,
    chance,
    ledger: new Ledger(true),
    journal: new Journal<Announcements>(engine),
    counters: new Counters(),
    losses: new Losses(),
    later: new Later(engine),
    streams: new Streams(chance),
    taps: new Taps(),
  };
}

/** Lets time pass, with what is due at `until` itself. */
export function passUntil({engine}: Ground, until: number): void {
  engine.advance(until + 1);
}

/** An announcement as a line: when, what, and the details that are words, numbers or yes and no. */
export function announcementLine({at, kind, detail}: Announcement): string {
  const words = Object.values(detail).filter(value => value !== undefined);
  return `${toSeconds(at).toFixed(3)} ${kind}: ${words.join(' ')}`;
}
