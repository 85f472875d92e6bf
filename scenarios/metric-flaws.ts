import {quantities} from '../models/events/quantities.ts';
import {metricPattern} from '../models/events/metric-patterns.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Scenario} from './scenario.ts';

/** What is wrong with the name of a metric, and what may have been meant. */
export type MetricFlaw = {readonly flaw: string; readonly hint: string};

/**
 * Why no run can have a metric that `pattern` names, in which `*` stands for anything. `subjects` are the traffic groups,
 * faults and edges that there are, if that is known.
 */
export function flawOfMetric(pattern: string, subjects?: readonly string[]): MetricFlaw | undefined {
  const [name, statistic, ...rest] = pattern.split('.');
  if (name.includes('*')) return isInVain(pattern, subjects) ? noSuch(pattern) : undefined;
  const names = quantities.map(candidate => candidate.name);
  const quantity = quantities.find(candidate => candidate.name === name);
  if (!quantity) {
    return {
      flaw: `there is no metric ${quote(name)}`,
      hint: didYouMean(name, names) ?? `There are ${names.join(', ')}`,
    };
  }
  if (statistic === undefined || !isAny(statistic, quantity.statistics)) {
    const has = `${name} has ${quantity.statistics.join(', ')}`;
    const hint = (statistic === undefined ? undefined : didYouMean(statistic, quantity.statistics)) ?? has;
    const flaw = statistic === undefined ? `${name} needs a statistic` : `${name} has no ${quote(statistic)}`;
    return {flaw, hint};
  }
  if (!subjects || !isInVain(pattern, subjects)) return undefined;
  if (statistic.includes('*')) return noSuch(pattern);
  const group = rest.join('.');
  const hint =
    didYouMean(group, subjects) ?? (subjects.length > 0 ? `There are ${subjects.join(', ')}` : 'There is none');
  return {flaw: `there is no traffic or fault ${quote(group)}`, hint};
}

/** The traffic groups, faults and edges that metrics of a scenario can speak of. */
export function subjectsOf({traffic, faults}: Pick<Scenario, 'traffic' | 'faults'>): readonly string[] {
  return [...traffic.map(({name}) => name), ...faults.flatMap(({name}) => [name, `${name}.start`, `${name}.end`])];
}

/** Of a name with `*` for its quantity or statistic any part may be the wrong one. */
function noSuch(pattern: string): MetricFlaw {
  return {
    flaw: `no metric is called ${quote(pattern)}`,
    hint: 'A name is quantity.statistic or quantity.statistic.group',
  };
}

/** Whether no name that there can be is meant. Of subjects that are not known nothing is. */
function isInVain(pattern: string, subjects: readonly string[] | undefined): boolean {
  if (!subjects) return false;
  const meant = metricPattern(pattern);
  const groups = ['', ...subjects.map(subject => `.${subject}`)];
  return !quantities.some(({name, statistics}) =>
    statistics.some(statistic => groups.some(group => meant.test(`${name}.${statistic}${group}`))),
  );
}

function isAny(word: string, known: readonly string[]): boolean {
  return word.includes('*') || known.includes(word);
}
