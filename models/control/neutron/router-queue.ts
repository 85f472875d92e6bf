import type {Time} from '../../../engine/time.ts';
import type {RouterNumber} from '../../tables/neutron-inventory.ts';
import type {RouterDetails} from './messages.ts';
import type {Thread} from './process.ts';

/** Lower goes first (neutron/agent/l3/agent.py): what the server tells comes before a full sync. */
export const fromServer = 1;
export const fromFullSync = 2;

/** How often an update is tried in all (resource_processing_queue.py). */
const tries = 5;

export type RouterUpdate = {
  readonly router: RouterNumber;
  readonly action: 'update' | 'delete';
  readonly priority: typeof fromServer | typeof fromFullSync;
  /** What is known of the router; undefined if the server must be asked. */
  readonly details: RouterDetails | undefined;
  /** When that was asked for, or the update came. */
  readonly timestamp: Time;
  readonly triesLeft: number;
  /** The announcement from which it followed. */
  readonly cause: number;
};

export function newUpdate(update: Omit<RouterUpdate, 'triesLeft'>): RouterUpdate {
  return {...update, triesLeft: tries};
}

/**
 * Routers that wait to be processed (neutron/agent/common/resource_processing_queue.py): by priority, then by age. One
 * router is in one worker's hands at a time; updates that reach their turn meanwhile are left to that worker, and one that
 * is older than what it last asked for is dropped.
 */
export class RouterQueue {
  readonly #waiting: RouterUpdate[] = [];
  readonly #takers: (() => void)[] = [];
  /** Routers in hand, with the updates that came to their turn meanwhile. */
  readonly #inHand = new Map<RouterNumber, RouterUpdate[]>();
  readonly #knownAt = new Map<RouterNumber, Time>();

  get length(): number {
    return this.#waiting.length;
  }

  /** One try of the update is used up. */
  add(update: RouterUpdate): void {
    const added = {...update, triesLeft: update.triesLeft - 1};
    const place = this.#waiting.findIndex(other => compare(added, other) < 0);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, added);
    this.#takers.shift()?.();
  }

  /** The next router's updates are put into the caller's hands; undefined if another has the router already. */
  *take(): Thread<RouterNumber | undefined> {
    while (this.#waiting.length === 0) {
      yield done => {
        this.#takers.push(done);
      };
    }
    const update = this.#waiting.shift()!;
    const others = this.#inHand.get(update.router);
    if (others) others.push(update);
    else this.#inHand.set(update.router, [update]);
    return others ? undefined : update.router;
  }

  /** The next update of a router in hand; when there is none the router is out of hand. */
  nextOf(router: RouterNumber): RouterUpdate | undefined {
    const updates = this.#inHand.get(router) ?? [];
    updates.sort(compare);
    for (let update = updates.shift(); update; update = updates.shift()) {
      if ((this.#knownAt.get(router) ?? -1) < update.timestamp) return update;
    }
    this.#inHand.delete(router);
    return undefined;
  }

  /** The router is as the server said when it was asked at `timestamp`. */
  processed(router: RouterNumber, timestamp: Time): void {
    this.#knownAt.set(router, Math.max(timestamp, this.#knownAt.get(router) ?? -1));
  }
}

function compare(a: RouterUpdate, b: RouterUpdate): number {
  return a.priority - b.priority || a.timestamp - b.timestamp || a.router - b.router;
}
