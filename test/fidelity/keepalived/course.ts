import {exactHead, exactRow, portionHead, portionRow, spreadHead, spreadRow, type Row, type Table} from '../part.ts';
import {portionOf, readRuns, spreadOf, type MeasuredRun} from './measured.ts';
import {Trace} from './trace.ts';

/** A table of one case: how its rows come about. */
export type Course = {
  readonly title: string;
  readonly notes: readonly string[];
  readonly head: readonly string[];
  rows(seeds: number): readonly Row[];
};

/** Of each run one value or none: what the bench had, and what is seen here. */
export type Look = readonly [
  what: string,
  measured: (run: MeasuredRun) => number | undefined,
  emulated: (trace: Trace) => readonly number[],
  resolution: {readonly grain: number; readonly lag?: number},
  closedForm?: number,
];

export function spreads(
  title: string,
  notes: readonly string[],
  file: string,
  text: string,
  looks: readonly Look[],
): Course {
  return {
    title,
    notes,
    head: ['what', ...spreadHead],
    rows: seeds => {
      const runs = readRuns(file);
      const traces = tracesOf(text, seeds);
      return looks.map(([what, measured, emulated, resolution, mean]) => {
        const values = runs.map(measured);
        const spread = spreadOf(values);
        const known = values.filter(value => value !== undefined);
        const average = known.reduce((sum, value) => sum + value, 0) / known.length;
        const closedForm = mean === undefined ? undefined : {mean, measured: average, text: `${mean}`};
        return spreadRow([what], spread, traces.flatMap(emulated), resolution, closedForm);
      });
    },
  };
}

const kept = new Map<string, readonly Trace[]>();

/** Runs of a set-up over seeds, made once for all tables that follow from them. */
export function tracesOf(text: string, seeds: number): readonly Trace[] {
  const key = `${seeds} ${text}`;
  let traces = kept.get(key);
  if (!traces) {
    traces = Array.from({length: seeds}, (_, index) => new Trace(text, index + 1));
    kept.set(key, traces);
  }
  return traces;
}

export type PortionLook = readonly [
  what: string,
  measured: (run: MeasuredRun) => boolean,
  emulated: (trace: Trace) => boolean,
];

export function shares(title: string, file: string, text: string, looks: readonly PortionLook[]): Course {
  return {
    title,
    notes: [],
    head: ['what', ...portionHead],
    rows: seeds => {
      const runs = readRuns(file);
      const traces = tracesOf(text, seeds);
      return looks.map(([what, measured, emulated]) =>
        portionRow([what], portionOf(runs.map(measured)), portionOf(traces.map(emulated))),
      );
    },
  };
}

export type ExactLook = readonly [
  what: string,
  measured: readonly string[],
  emulated: (seeds: number) => readonly string[],
];

export function exact(title: string, looks: readonly ExactLook[]): Course {
  return {
    title,
    notes: [],
    head: ['what', ...exactHead],
    rows: seeds =>
      looks.map(([what, measured, emulated]) =>
        exactRow([what], measured.length, [...new Set(measured)].join(', '), emulated(seeds)),
      ),
  };
}

export function tableOf({title, notes, head, rows}: Course, seeds: number): Table {
  return {title, notes, head, rows: rows(seeds)};
}
