import type {Announcements} from '../../../models/events/announcements.ts';
import type {RunResult} from '../../../models/events/results.ts';
import {findOutages, type Outage} from '../../../reports/outages.ts';

/** A stretch of a run between two edges, as the bench cut its own. */
export type Phase = {readonly name: string; readonly from: number; readonly to: number};

/** What the bench wrote down of a phase, by the beginning of its metric's name. Times in ms after the phase's beginning. */
export type Observation = (run: RunResult, phase: Phase) => readonly number[];

/** The chassis that is broken on the bench, the one that takes over, and the others that have sessions with the first. */
const broken = 'gw1';

export const observations: readonly (readonly [string, Observation])[] = [
  ['BFD up->down at each peer, ms after fault', (run, phase) => bfdDowns(run, phase).map(({ms}) => ms)],
  ['same, ms after the END of the injecting command', (run, phase) => bfdDowns(run, phase).map(({ms}) => ms)],
  ["last peer's BFD up->down", (run, phase) => last(bfdDowns(run, phase))],
  ['broken chassis: last own BFD session down', (run, phase) => last(ownBfdDowns(run, phase))],
  ['SB Port_Binding.chassis first = new owner', firstBindingOfNewOwner],
  ['SB Port_Binding last change', (run, phase) => last(bindings(run, phase))],
  ['number of SB Port_Binding.chassis changes', (run, phase) => [bindings(run, phase).length]],
  ['first GARP on the provider network', (run, phase) => first(announced(run, phase))],
  [
    'first GARP minus first claim log line',
    (run, phase) => {
      const [garp] = announced(run, phase);
      const [claim] = claims(run, phase);
      return garp && claim ? [garp.ms - claim.ms] : [];
    },
  ],
  ['first BFD session up again', (run, phase) => first(bfdUps(run, phase))],
  ['last BFD session up again', (run, phase) => last(bfdUps(run, phase))],
  ...['snat', 'fip', 'dfip', 'ew'].flatMap((flow): readonly (readonly [string, Observation])[] => [
    [`${flow} probes lost`, (run, phase) => [lostIn(run, phase, flow)]],
    [`${flow} first answered probe after the longest gap`, (run, phase) => restored(run, phase, flow)],
  ]),
];

type Event<Kind extends keyof Announcements> = {readonly ms: number; readonly detail: Announcements[Kind]};

function events<Kind extends keyof Announcements>(
  {announcements}: RunResult,
  {from, to}: Phase,
  kind: Kind,
  which: (detail: Announcements[Kind]) => boolean,
): readonly Event<Kind>[] {
  return announcements
    .filter(announcement => announcement.kind === kind && announcement.at >= from && announcement.at < to)
    .map(({at, detail}) => ({ms: (at - from) / 1000, detail: detail as Announcements[Kind]}))
    .filter(({detail}) => which(detail));
}

function bfdDowns(run: RunResult, phase: Phase): readonly Event<'bfd changed'>[] {
  const target = phase.name === 'compute' ? 'cn2' : broken;
  return events(run, phase, 'bfd changed', ({peer, from, to}) => peer === target && from === 'up' && to === 'down');
}

function ownBfdDowns(run: RunResult, phase: Phase): readonly Event<'bfd changed'>[] {
  return events(
    run,
    phase,
    'bfd changed',
    ({chassis, from, to}) => chassis === broken && from === 'up' && to === 'down',
  );
}

function bfdUps(run: RunResult, phase: Phase): readonly Event<'bfd changed'>[] {
  return events(run, phase, 'bfd changed', ({to}) => to === 'up');
}

/** Changes of the router port's owner in the southbound database. */
export function bindings(run: RunResult, phase: Phase): readonly Event<'binding changed'>[] {
  return events(run, phase, 'binding changed', ({port}) => port.startsWith('cr-'));
}

function claims(run: RunResult, phase: Phase): readonly Event<'port claimed'>[] {
  return events(run, phase, 'port claimed', ({port}) => port.startsWith('cr-'));
}

/** Gratuitous ARP on the provider network. */
export function announced(run: RunResult, phase: Phase): readonly Event<'address announced'>[] {
  return events(run, phase, 'address announced', () => true);
}

function newOwner({name}: Phase): string {
  return name.startsWith('recover') ? broken : 'gw2';
}

export function firstBindingOfNewOwner(run: RunResult, phase: Phase): readonly number[] {
  const owner = newOwner(phase);
  return first(bindings(run, phase).filter(({detail}) => detail.to === owner));
}

function first(found: readonly {readonly ms: number}[]): readonly number[] {
  return found.length > 0 ? [found[0].ms] : [];
}

function last(found: readonly {readonly ms: number}[]): readonly number[] {
  return found.length > 0 ? [found[found.length - 1].ms] : [];
}

function outagesOf(run: RunResult, group: string): readonly Outage[] {
  return findOutages(run).filter(({flow}) => run.flows[flow].group === group);
}

/** Probes sent within the phase and lost; within an outage all are. */
export function lostIn(run: RunResult, {from, to}: Phase, group: string): number {
  const every = 10_000;
  let lost = 0;
  for (const {startAt, endAt} of outagesOf(run, group)) {
    const begin = Math.max(startAt, Math.ceil(from / every) * every);
    const end = Math.min(endAt ?? run.duration, to);
    if (end > begin) lost += Math.ceil((end - begin) / every);
  }
  return lost;
}

/** When the longest gap that reaches into the phase ended, if it ended there. */
export function restored(run: RunResult, {from, to}: Phase, group: string): readonly number[] {
  const gaps = outagesOf(run, group).filter(({endAt}) => endAt !== undefined && endAt > from && endAt <= to);
  if (gaps.length === 0) return [];
  const length = ({startAt, endAt}: Outage): number => (endAt ?? 0) - Math.max(startAt, from);
  const longest = gaps.reduce((a, b) => (length(b) > length(a) ? b : a));
  return [((longest.endAt ?? 0) - from) / 1000];
}
