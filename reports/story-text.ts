import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import {wrap} from './columns.ts';
import {nameOfFault, type Edge} from './convergence.ts';
import {slowest} from './edge-text.ts';
import {tellInASentence} from './event-text.ts';
import {tellFault} from './fault-text.ts';
import {briefly, count, list, moment} from './format.ts';
import type {Outage} from './outages.ts';
import type {Paint} from './paint.ts';
import type {Report} from './report.ts';
import {stepOf} from './steps.ts';
import {foldMoves, shorten, type Step} from './story-steps.ts';

/** So many edges are told in full. */
const mostStories = 4;

/** Where the sentences of a story begin. */
const margin = 36;

/** For each edge that took someone out: what it was, and the chain of causes until its last flow was back. */
export function stories(report: Report, width: number, paint: Paint): string {
  const hit = report.edges.filter(({outages}) => outages.length > 0);
  const told = slowest(hit, mostStories);
  const texts = told.map(edge => story(edge, report, width, paint));
  if (told.length < hit.length) {
    texts.push(`${count(hit.length - told.length, 'faster edge')} not told here; --format json tells every one.`);
  }
  return texts.join('\n\n');
}

function story(edge: Edge, report: Report, width: number, paint: Paint): string {
  const {last} = edge;
  if (!last) return '';
  const name = `${nameOfFault(edge)} ${edge.edge}`;
  const title = `${name}: ${outcome(edge, last, report)}`;
  const lines = shorten(foldMoves(stepsOf(edge, last, report))).map(({at, label, text}) => {
    const when = `${moment(at).padStart(9)}  ${`+${moment(at - edge.at)}`.padStart(8)}`;
    return wrap(`  ${when}  ${label.padEnd(11)}  ${text}`, width, margin).replace(when, paint.dim(when));
  });
  return [wrap(title, width, 2).replace(name, paint.bold(name)), ...lines].join('\n');
}

/** The edge and its chain. A flow is restored when the packet is sent; what that packet did on its way came after. */
function stepsOf(edge: Edge, last: Outage, report: Report): readonly Step[] {
  const {result, faults} = report;
  const {number} = edge;
  const begun = {
    at: edge.at,
    label: stepOf(result.announcements[number - 1], edge, edge.turns),
    text: tellFault(faults, edge, edge.edge),
  };
  const rest = edge.chain
    .filter(announcement => announcement.number !== number)
    .map((announcement): Step => ({
      at: announcement.kind === 'flow restored' ? Math.max(edge.at, announcement.detail.until) : announcement.at,
      label: stepOf(announcement, edge, edge.turns),
      text: sentence(announcement, last, report),
      ...(announcement.kind === 'mac moved' && {move: announcement.detail}),
    }));
  return [begun, ...rest.sort((a, b) => a.at - b.at)];
}

function sentence(announcement: Announcement, {lost}: Outage, {result, faults}: Report): string {
  if (announcement.kind === 'flow restored') return `first packet through, ${lost} lost`;
  if (announcement.kind === 'fault began' || announcement.kind === 'fault ended') {
    const edge = announcement.kind === 'fault began' ? 'start' : 'end';
    return `${nameOfFault(announcement.detail)} ${edge}: ${tellFault(faults, announcement.detail, edge)}`;
  }
  return tellInASentence(announcement, {faults, flows: result.flows});
}

function outcome(edge: Edge, last: Outage, {result, edges}: Report): string {
  const flow = result.flows[last.flow].name;
  const hit = `${edge.flowsAffected} of ${count(result.flows.length, 'flow')} hit`;
  const why = `${last.reason} at ${last.place}`;
  const {flowsUnrestored: gone} = edge;
  const fate =
    last.endAt === undefined
      ? `${gone === 1 ? `${flow} never came back` : `${gone} never came back, ${flow} among them`} (${last.lost} lost: ${why})`
      : `${flow} was the last to come back, ${duration(edge, last.startAt, last.endAt)} (${why})`;
  const others = inForce(edges, edge, last.startAt);
  return `${hit}; ${fate}${others.length > 0 ? `. Also in force: ${list(others)}` : ''}`;
}

/** How long the flow was out, and when it was back: not the same where it went down long after the fault began. */
function duration({edge, at}: Edge, startAt: Time, endAt: Time): string {
  const since = edge === 'start' ? 'the fault' : "the fault's end";
  return `out for ${briefly(endAt - startAt)}, back ${briefly(Math.max(0, endAt - at))} after ${since}`;
}

/** Faults, other than the edge's own, that had begun and were not over at that moment. */
function inForce(edges: readonly Edge[], {fault, occurrence}: Edge, at: number): readonly string[] {
  const begun = edges.filter(edge => edge.edge === 'start' && edge.at <= at);
  const isOver = (start: Edge): boolean =>
    edges.some(
      ({edge, at: endAt, ...end}) =>
        edge === 'end' && endAt <= at && end.fault === start.fault && end.occurrence === start.occurrence,
    );
  return begun
    .filter(start => start.fault !== fault || start.occurrence !== occurrence)
    .filter(start => !isOver(start))
    .map(nameOfFault);
}
