import {quantities} from '../../models/events/quantities.ts';

/** The parts of a full name such as `packets_lost.max.snat`. */
export type MetricName = {
  /** `packets_lost.max` */
  readonly metric: string;
  /** The group, fault or edge; empty for the whole run. */
  readonly subject: string;
  readonly unit: string;
};

export function partsOfName(fullName: string): MetricName {
  const [name, statistic, ...group] = fullName.split('.');
  const quantity = quantities.find(candidate => candidate.name === name);
  const unit = statistic === 'count' ? quantity?.counted : quantity?.unit;
  return {metric: `${name}.${statistic}`, subject: group.join('.'), unit: unit ?? ''};
}

/** Full names as results list them: by quantity, by subject, by statistic. */
export function inOrder(names: Iterable<string>): readonly string[] {
  const keyed = [...names].map(name => ({name, key: keyOf(name)}));
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({name}) => name);
}

type Key = readonly (string | number)[];

/** The edges of a fault stand behind it, its start first. */
function keyOf(fullName: string): Key {
  const [name, statistic, ...group] = fullName.split('.');
  const place = quantities.findIndex(candidate => candidate.name === name);
  const edge = group.length > 1 ? ['start', 'end'].indexOf(group[group.length - 1]) + 1 : 0;
  const subject = (edge > 0 ? group.slice(0, -1) : group).join('.');
  return [place, subject, edge, quantities[place]?.statistics.findIndex(candidate => candidate === statistic) ?? 0];
}

function compareKeys(a: Key, b: Key): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1;
}
