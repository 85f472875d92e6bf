import {never, type Time} from '../../../engine/time.ts';
import type {ScriptBlock} from '../../protocols/keepalived-configuration.ts';
import {TrackScript} from '../../protocols/track-script.ts';
import type {ScriptState, TrackingChange} from '../../protocols/vrrp-tracking.ts';

type Run = {readonly block: ScriptBlock; readonly script: TrackScript; runAt: Time; exitAt: Time};

/** What tracking scripts do when they are run. */
export type Scripts = {
  /** It is run. */
  begin?(name: string): void;
  /** Until when a script that has nothing else to do still waits for something; undefined: it exits. */
  waitsUntil?(name: string): Time | undefined;
  /** Whether a script that exits now has succeeded. */
  succeeds(name: string): boolean;
  /** The announcement from which that follows. */
  causeOf?(name: string): number;
};

export type ScriptSurroundings = {
  now(): Time;
  /** How long the next run takes. */
  takes(): Time;
  /** What the scripts do. */
  readonly scripts: Scripts;
};

/** The tracking scripts of a process: each is run at its interval, and not again while it still runs (vrrp_script_thread). */
export class ScriptRunner {
  readonly #among: ScriptSurroundings;
  #runs: Run[];

  constructor(blocks: readonly ScriptBlock[], among: ScriptSurroundings) {
    this.#among = among;
    this.#runs = blocks.map(block => ({block, script: new TrackScript(block), runAt: among.now(), exitAt: never}));
  }

  get wakeAt(): Time {
    return this.#runs.reduce((at, {runAt, exitAt}) => Math.min(at, runAt, exitAt), never);
  }

  stateOf(name: string): ScriptState {
    const run = this.#runs.find(({block}) => block.name === name);
    if (!run || run.script.isNew) return 'new';
    return run.script.isGood ? 'good' : 'bad';
  }

  /** All have long been run, and with success. */
  beginSettled(): void {
    for (const run of this.#runs) {
      run.script.exited(true);
      run.runAt = this.#among.now() + run.block.interval;
    }
  }

  /** A new configuration: scripts that stay keep what is known of them. */
  reload(blocks: readonly ScriptBlock[]): void {
    this.#runs = blocks.map(block => {
      const old = this.#runs.find(run => run.block.name === block.name);
      return {block, script: old?.script ?? new TrackScript(block), runAt: this.#among.now(), exitAt: never};
    });
  }

  /** Begins what is due; returns what an exit has changed, one at a time. */
  wake(now: Time): TrackingChange | undefined {
    for (const run of this.#runs) {
      if (run.runAt <= now) {
        run.runAt = now + run.block.interval;
        if (run.exitAt === never) this.#begin(run, now);
      }
    }
    for (const {name, run} of this.#exited(now)) {
      run.exitAt = this.#among.scripts.waitsUntil?.(name) ?? never;
      if (run.exitAt !== never) continue;
      const verdict = run.script.exited(this.#among.scripts.succeeds(name));
      if (verdict) return {kind: 'script', name, state: verdict};
    }
    return undefined;
  }

  #begin(run: Run, now: Time): void {
    run.exitAt = now + this.#among.takes();
    this.#among.scripts.begin?.(run.block.name);
  }

  #exited(now: Time): {readonly name: string; readonly run: Run}[] {
    return this.#runs.filter(({exitAt}) => exitAt <= now).map(run => ({name: run.block.name, run}));
  }
}
