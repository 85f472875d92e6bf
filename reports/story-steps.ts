import type {Time} from '../engine/time.ts';
import type {Announcements} from '../models/events/announcements.ts';
import {count, list, moment} from './format.ts';

/** A line of a story. */
export type Step = {
  readonly at: Time;
  /** Which phase it ended, or what else it is; lines with one are always shown. */
  readonly label: string;
  readonly text: string;
  /** Of a MAC that a switch finds elsewhere: these come in hundreds where two hosts both send with it. */
  readonly move?: Announcements['mac moved'];
};

/** Of a story with more lines, so many are shown at its beginning and at its end. */
const mostSteps = 24;
const atBeginning = 14;
const atEnd = 8;

/** So many moves of one MAC in a row are told one by one. */
const mostMoves = 4;

/** Long runs of moves of one MAC at one switch: the first, how many more, the last. */
export function foldMoves(steps: readonly Step[]): readonly Step[] {
  const folded: Step[] = [];
  for (let from = 0; from < steps.length;) {
    let to = from + 1;
    while (to < steps.length && isSameMove(steps[from], steps[to])) to += 1;
    folded.push(...(to - from > mostMoves ? foldRun(steps.slice(from, to)) : steps.slice(from, to)));
    from = to;
  }
  return folded;
}

/** The beginning, the end, and from between what has a label. */
export function shorten(steps: readonly Step[]): readonly Step[] {
  if (steps.length <= mostSteps) return steps;
  const shown: Step[] = [];
  let left: Step[] = [];
  const tellLeft = (): void => {
    if (left.length > 1) shown.push(more(left, `${count(left.length, 'more step')}`));
    else shown.push(...left);
    left = [];
  };
  for (const [index, step] of steps.entries()) {
    if (index >= atBeginning && index < steps.length - atEnd && step.label === '') {
      left.push(step);
      continue;
    }
    tellLeft();
    shown.push(step);
  }
  return shown;
}

function foldRun(run: readonly Step[]): readonly Step[] {
  const between = run.slice(1, -1);
  const places = new Set(between.flatMap(({move}) => [move?.from, move?.to]).filter(place => place !== undefined));
  return [
    run[0],
    more(between, `${between.length} more moves between ${list([...places].sort())}`),
    run[run.length - 1],
  ];
}

function more(steps: readonly Step[], what: string): Step {
  return {at: steps[0].at, label: '', text: `… ${what} until ${moment(steps[steps.length - 1].at)}`};
}

/** A step with a label ends a run before it, or stands alone. */
function isSameMove({move: first, label}: Step, {move: next, label: nextLabel}: Step): boolean {
  if (!first || !next || label !== '' || nextLabel !== '') return false;
  return first.segment === next.segment && first.mac === next.mac;
}
