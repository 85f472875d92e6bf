import type {Time} from '../engine/time.ts';
import {adviceFor, stillMissing} from './advice.ts';
import {wrap} from './columns.ts';
import {count, list, moment, span} from './format.ts';
import type {Paint} from './paint.ts';

/** A link of a chain as result files keep it. */
export type Link = {
  readonly at: Time;
  /** Since the link before. */
  readonly took: Time;
  /** The phase that it ended, or another word for what it is; empty if there is none. */
  readonly step: string;
  readonly chassis: string;
  readonly subject: string;
  readonly event: string;
  readonly detail: string;
};

/** An outage as result files keep it. */
export type ExplainedOutage = {
  readonly flow: string;
  readonly startAt: Time;
  /** Undefined: it never came back. */
  readonly endAt: Time | undefined;
  readonly lost: number;
  readonly reason: string;
};

/** What led from an edge of a fault to the end of outages, in the order in which they ended. */
export type Explanation = {
  /** `underlay.start`. */
  readonly edge: string;
  /** The edge first. */
  readonly links: readonly Link[];
  /** What the first packet that got through met on its way. */
  readonly met: readonly Link[];
  readonly outages: readonly ExplainedOutage[];
};

/** Where the sentences begin. */
const margin = 46;

/** So many flows that one chain explains are named. */
const mostNames = 3;

/** A chain for people: link by link with the time that each took, up to the restoration of its slowest flow. */
export function explain({edge, links, met, outages}: Explanation, width: number, paint: Paint): string {
  const last = outages[outages.length - 1];
  const from = links[0].at;
  const lines = links.map((link, index) =>
    line(link, index === 0 ? undefined : link.took, from, sentence(link, index)),
  );
  if (last.endAt === undefined)
    return [title(edge, outages, from, paint), ...lines.map(fit), unended(outages)].join('\n');
  const until = Math.max(from, last.endAt);
  const reached = links[links.length - 1].at;
  const restored = {at: until, step: 'restored'};
  lines.push(
    line(restored, until - reached, from, `first packet of ${last.flow} that gets through, ${last.lost} lost`),
  );
  for (const [index, link] of met.entries()) {
    lines.push(line(link, index === 0 ? Math.max(0, link.at - until) : link.took, from, sentence(link, index + 1)));
  }
  return [title(edge, outages, from, paint), ...lines.map(fit), ...remarks({links, met, outages}, until, width)].join(
    '\n',
  );

  function fit(text: string): string {
    return wrap(text, width, margin).replace(/^.{31}/, when => paint.dim(when));
  }
}

function title(edge: string, outages: readonly ExplainedOutage[], from: Time, paint: Paint): string {
  const last = outages[outages.length - 1];
  const name = paint.bold(edge.replace(/\.(start|end)$/, ' $1'));
  if (last.endAt === undefined) return `${name} → ${nameFlows(outages)} never restored`;
  return `${name} → ${last.flow} restored after ${span(Math.max(0, last.endAt - from))}`;
}

/** `  +2.431   2.314 s   23.045  detection  what happened`. */
function line({at, step}: Pick<Link, 'at' | 'step'>, took: Time | undefined, from: Time, text: string): string {
  const times = [`+${moment(at - from)}`.padStart(9), (took === undefined ? '' : span(took)).padStart(9)];
  return `  ${times.join('  ')}  ${moment(at).padStart(8)}  ${step.padEnd(11)}  ${text}`;
}

/** Of the edge, and of other faults, what was done says enough. */
function sentence({event, chassis, subject, detail}: Link, index: number): string {
  if (index === 0) return detail;
  if (event === 'fault began' || event === 'fault ended') return `${subject}: ${detail}`;
  return `${chassis === '' ? '' : `${chassis}: `}${subject} ${detail}`;
}

function remarks({links, met, outages}: Omit<Explanation, 'edge'>, until: Time, width: number): readonly string[] {
  const from = links[0].at;
  const last = outages[outages.length - 1];
  const whole = until - from;
  const wait = last.startAt - from;
  const less =
    wait >= 0
      ? `less the ${span(wait)} until its first packet after that was sent`
      : `and the ${span(-wait)} that its first lost packet was sent before`;
  const texts = [`Out for ${span(whole - wait)}: ${span(whole)} ${less}.`];
  const slowest = slowestLink(links, until);
  if (whole > 0) {
    const share = `${span(slowest.took)} of ${span(whole)} (${Math.round((slowest.took / whole) * 100)} %)`;
    const {advice, page} = slowest.step === 'restored' && met.length > 0 ? stillMissing : adviceFor(slowest.event);
    texts.push(`Slowest link: ${nameLink(slowest)}, ${share}. ${advice} See docs/${page}.`);
  }
  const others = outages.slice(0, -1);
  if (others.length > 0) {
    const [first, end] = [others[0], others[others.length - 1]].map(({endAt}) => moment(endAt ?? 0));
    const when = first === end ? `at ${end} s` : `between ${first} and ${end} s`;
    texts.push(`The same chain ended ${count(others.length, 'more outage')} ${when}: ${nameFlows(others)}.`);
  }
  return texts.map(text => wrap(text, width, 2));
}

function unended(outages: readonly ExplainedOutage[]): string {
  const [{reason}] = outages;
  const lost = outages.reduce((sum, outage) => sum + outage.lost, 0);
  return `${count(lost, 'packet')} lost until the end of the run: ${reason}. Nothing that happened led out of it.`;
}

function nameLink({step, event}: Pick<Link, 'step' | 'event'>): string {
  return step === '' ? event : step;
}

/** The link that took longest; the last step, of the sender, is one too. */
export function slowestLink(
  links: readonly Link[],
  until: Time,
): {readonly step: string; readonly event: string; readonly took: Time} {
  const reached = links[links.length - 1].at;
  const last = {step: 'restored', event: 'flow restored', took: until - reached};
  return links.slice(1).reduce((slowest, link) => (link.took > slowest.took ? link : slowest), last);
}

function nameFlows(outages: readonly ExplainedOutage[]): string {
  const names = [...new Set(outages.map(({flow}) => flow))];
  const shown = names.slice(0, mostNames);
  return list(names.length > mostNames ? [...shown, `${names.length - mostNames} more`] : shown);
}
