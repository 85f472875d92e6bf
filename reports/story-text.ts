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

/** So many edges are told in full. */
const mostStories = 4;

/** Where the sentences of a story begin. */
const margin = 36;

/** For each edge that hit someone: what it was, and the chain of causes until its last flow was back. */
export function stories(report: Report, width: number, paint: Paint): string {
  const hit = report.edges.filter(({flowsAffected}) => flowsAffected > 0);
  const told = slowest(hit, mostStories);
  const texts = told.map(edge => story(edge, report, width, paint));
  if (told.length < hit.length) {
    texts.push(
      `${count(hit.length - told.length, 'faster edge')} not told here; convergence.csv and events.csv have all.`,
    );
  }
  return texts.join('\n\n');
}

function story(edge: Edge, report: Report, width: number, paint: Paint): string {
  const {result, faults} = report;
  const {last} = edge;
  if (!last) return '';
  const name = `${nameOfFault(edge)} ${edge.edge}`;
  const title = `${name}: ${outcome(edge, last, report)}`;
  const lines = [edgeOf(edge, result.announcements), ...edge.chain.filter(({number}) => number !== edge.number)].map(
    announcement => {
      const {at, number} = announcement;
      const label = labelOf(announcement, edge).padEnd(11);
      const text = number === edge.number ? tellFault(faults, edge, edge.edge) : sentence(announcement, last, report);
      const when = `${moment(at).padStart(9)}  ${`+${moment(at - edge.at)}`.padStart(8)}`;
      return wrap(`  ${when}  ${label}  ${text}`, width, margin).replace(when, paint.dim(when));
    },
  );
  return [wrap(title, width, 2).replace(name, paint.bold(name)), ...lines].join('\n');
}

function edgeOf({number}: Edge, announcements: readonly Announcement[]): Announcement {
  return announcements[number - 1];
}

/** What a line of the story is in the words of the table: which phase it ended. */
function labelOf({kind, number}: Announcement, edge: Edge): string {
  if (number === edge.number) return edge.edge === 'start' ? 'fault' : 'fault over';
  if (kind === 'fault began') return 'next fault';
  if (kind === 'fault ended') return 'mended';
  if (kind === 'heartbeat lost') return 'dropped';
  if (kind === 'flow lost') return 'lost';
  if (kind === 'flow restored') return 'restored';
  return edge.turns.get(number) ?? '';
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
      : `${flow} was the last to come back, after ${briefly(last.endAt - last.startAt)} (${why})`;
  const others = inForce(edges, edge, last.startAt);
  return `${hit}; ${fate}${others.length > 0 ? `. Also in force: ${list(others)}` : ''}`;
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
