import type {Tracked, VrrpSettings} from './keepalived-configuration.ts';

/** A script that has not exited yet is neither. */
export type ScriptState = 'new' | 'good' | 'bad';

/** What is known of what is tracked. */
export type Health = {
  isUp(device: string): boolean;
  scriptState(name: string): ScriptState;
};

/** Something tracked has changed. */
export type TrackingChange =
  | {readonly kind: 'interface'; readonly name: string; readonly up: boolean}
  | {readonly kind: 'script'; readonly name: string; readonly state: ScriptState};

/**
 * What an instance tracks and how that stands: without a weight one failure is enough for FAULT, with one it moves the
 * priority; `reverse` turns the meaning round (vrrp_track.c).
 */
export class VrrpTracking {
  readonly #interfaces: ReadonlyMap<string, Tracked>;
  readonly #scripts: readonly Tracked[];
  readonly #up = new Map<string, boolean>();
  readonly #states = new Map<string, ScriptState>();

  constructor({trackedInterfaces, trackedScripts}: VrrpSettings, health: Health) {
    this.#interfaces = trackedInterfaces;
    this.#scripts = trackedScripts;
    for (const name of trackedInterfaces.keys()) this.#up.set(name, health.isUp(name));
    for (const {name} of trackedScripts) this.#states.set(name, health.scriptState(name));
  }

  /** Whether it tracks that. */
  tracks({kind, name}: Pick<TrackingChange, 'kind' | 'name'>): boolean {
    return kind === 'interface' ? this.#up.has(name) : this.#states.has(name);
  }

  apply(change: TrackingChange): void {
    if (!this.tracks(change)) return;
    if (change.kind === 'interface') this.#up.set(change.name, change.up);
    else this.#states.set(change.name, change.state);
  }

  /** Whether nothing that is tracked without a weight has failed or is still to show that it has not. */
  get isWell(): boolean {
    return this.failures === 0;
  }

  /** How many have failed. */
  get failures(): number {
    return this.#failing().length;
  }

  /** The first that has failed. */
  get failed(): string | undefined {
    return this.#failing().at(0);
  }

  /** The priority with all weights; it may lie outside of what priorities can be. */
  priorityFor(base: number): number {
    const weights = [
      ...[...this.#interfaces.values()].map(tracked => weightOf(tracked, this.#up.get(tracked.name) ? 'good' : 'bad')),
      ...this.#scripts.map(tracked => weightOf(tracked, this.#states.get(tracked.name) ?? 'new')),
    ];
    return weights.reduce((sum, weight) => sum + weight, base);
  }

  #failing(): readonly string[] {
    const interfaces = [...this.#interfaces.values()].filter(
      ({name, weight, reverse}) => weight === 0 && this.#up.get(name) === reverse,
    );
    const scripts = this.#scripts.filter(
      ({name, weight, reverse}) => weight === 0 && this.#states.get(name) !== (reverse ? 'bad' : 'good'),
    );
    return [...interfaces, ...scripts].map(({name}) => name);
  }
}

/** A positive weight counts while all is well, a negative one while it is not. */
function weightOf({weight, reverse}: Tracked, state: ScriptState): number {
  const counts = (weight > 0 && state === 'good') || (weight < 0 && state === 'bad');
  if (!counts) return 0;
  return reverse ? -weight : weight;
}
