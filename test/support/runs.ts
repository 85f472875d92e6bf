import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {seconds} from '../../engine/time.ts';
import type {Announcement, Announcements} from '../../models/events/announcements.ts';
import type {FlowResult, RunResult} from '../../models/events/results.ts';
import {makeReport, type Report} from '../../reports/report.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';

/** A run made by hand: what was announced, in order. Times are in seconds; each method returns the announcement's number. */
export class Story {
  readonly announcements: Announcement[] = [];

  announce<Kind extends keyof Announcements>(
    at: number,
    kind: Kind,
    detail: Announcements[Kind],
    ...parents: readonly number[]
  ): number {
    const number = this.announcements.length + 1;
    this.announcements.push({number, at: seconds(at), kind, detail, parents} as unknown as Announcement);
    return number;
  }

  begins(at: number, fault = 'underlay', occurrence = 1): number {
    return this.announce(at, 'fault began', {fault, occurrence, kind: 'link', target: 'gw1'});
  }

  ends(at: number, fault = 'underlay', occurrence = 1): number {
    return this.announce(at, 'fault ended', {fault, occurrence, kind: 'link', target: 'gw1'});
  }

  loses(at: number, flow: number, ...parents: readonly number[]): number {
    const detail = {flow, since: seconds(at), reason: 'no carrier', place: 'gw1 underlay'} as const;
    return this.announce(at, 'flow lost', detail, ...parents);
  }

  restores(at: number, flow: number, lost: number, ...parents: readonly number[]): number {
    return this.announce(at, 'flow restored', {flow, since: 0, until: seconds(at), lost}, ...parents);
  }

  bfd(at: number, to: 'up' | 'down', ...parents: readonly number[]): number {
    const change =
      to === 'up'
        ? ({from: 'init', to, diagnostic: 'no-diagnostic'} as const)
        : ({from: 'up', to, diagnostic: 'neighbor-signaled-session-down'} as const);
    const session = {chassis: 'gw2', peer: 'gw1', heardAt: undefined, detectionTime: seconds(3)};
    return this.announce(at, 'bfd changed', {...session, ...change}, ...parents);
  }

  decides(at: number, ...parents: readonly number[]): number {
    return this.announce(at, 'gateway decided', {chassis: 'gw2', router: 'r1', active: true}, ...parents);
  }

  moves(at: number, ...parents: readonly number[]): number {
    return this.announce(at, 'gateway moved', {chassis: 'gw2', router: 'r1', active: true}, ...parents);
  }

  /** The run of 60 s that it was, with flows that lost what is said of them. */
  result(flows: readonly Partial<FlowResult>[] = [], rest: Partial<RunResult> = {}): RunResult {
    return {
      seed: '1',
      duration: seconds(60),
      announcements: this.announcements,
      flows: flows.map((flow, number) => flowOf(number, flow)),
      nat: [],
      counters: [],
      drops: [],
      fingerprint: '0123456789abcdef',
      ...rest,
    };
  }
}

function flowOf(number: number, flow: Partial<FlowResult>): FlowResult {
  const {sent = 1000, lost = 0, group = 'snat'} = flow;
  const counters = {late: 0, duplicates: 0, misdelivered: 0, inFlight: 0, drops: []};
  return {
    number,
    name: `${group}: vm${number} → outside`,
    group,
    sent,
    delivered: sent - lost,
    lost,
    ...counters,
    ...flow,
  };
}

/** A scenario of the library, changed by settings. */
export function libraryScenario(name: string, settings: readonly string[] = []): Scenario {
  const path = join(process.cwd(), 'scenarios/library', `${name}.yaml`);
  const text = readFileSync(path, 'utf8');
  const reading = readScenario(text, path, settings);
  if ('mistakes' in reading) throw new Error(formatMistakes(reading.mistakes, text, settings));
  return reading.scenario;
}

/** The report of a run of the library. */
export function libraryReport(name: string, seed: string, settings: readonly string[] = []): Report {
  const scenario = libraryScenario(name, settings);
  return makeReport(scenario.name, runPlan(makePlan(scenario, seed)), scenario.expectations, scenario.faults);
}
