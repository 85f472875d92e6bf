import type {Time} from '../../../engine/time.ts';
import type {Thread} from './process.ts';

/** Something to be done about a router or a network. */
export type ResourceUpdate = {
  /** Lower goes first. */
  readonly priority: number;
  readonly timestamp: Time;
  readonly triesLeft: number;
};

/**
 * What waits for an agent's workers (neutron/agent/common/resource_processing_queue.py): by priority, then by age. One
 * resource is in one worker's hands at a time; updates that reach their turn meanwhile are left to that worker, and one
 * that is older than what it last asked for is dropped.
 */
export class ResourceQueue<Update extends ResourceUpdate> {
  readonly #resourceOf: (update: Update) => number;
  readonly #waiting: Update[] = [];
  readonly #takers: (() => void)[] = [];
  /** Resources in hand, with the updates that came to their turn meanwhile. */
  readonly #inHand = new Map<number, Update[]>();
  readonly #knownAt = new Map<number, Time>();

  /** `resourceOf` tells which one an update is about. */
  constructor(resourceOf: (update: Update) => number) {
    this.#resourceOf = resourceOf;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** One try of the update is used up. */
  add(update: Update): void {
    const added = {...update, triesLeft: update.triesLeft - 1};
    const place = this.#waiting.findIndex(other => this.#compare(added, other) < 0);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, added);
    this.#takers.shift()?.();
  }

  /** The next resource's updates are put into the caller's hands; undefined if another has it already. */
  *take(): Thread<number | undefined> {
    while (this.#waiting.length === 0) {
      yield done => {
        this.#takers.push(done);
      };
    }
    const update = this.#waiting.shift()!;
    const resource = this.#resourceOf(update);
    const others = this.#inHand.get(resource);
    if (others) others.push(update);
    else this.#inHand.set(resource, [update]);
    return others ? undefined : resource;
  }

  /** The next update of a resource in hand; when there is none it is out of hand. */
  nextOf(resource: number): Update | undefined {
    const updates = this.#inHand.get(resource) ?? [];
    updates.sort((a, b) => this.#compare(a, b));
    for (let update = updates.shift(); update; update = updates.shift()) {
      if ((this.#knownAt.get(resource) ?? -1) < update.timestamp) return update;
    }
    this.#inHand.delete(resource);
    return undefined;
  }

  /** The resource is as the server said when it was asked at `timestamp`. */
  processed(resource: number, timestamp: Time): void {
    this.#knownAt.set(resource, Math.max(timestamp, this.#knownAt.get(resource) ?? -1));
  }

  #compare(a: Update, b: Update): number {
    return a.priority - b.priority || a.timestamp - b.timestamp || this.#resourceOf(a) - this.#resourceOf(b);
  }
}
