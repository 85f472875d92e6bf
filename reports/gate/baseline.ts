import {z} from 'zod';

/** What the runs of one case came to: a value for each seed. */
export type CaseResult = {
  readonly fingerprints: readonly string[];
  /** By full name; Infinity is never, and a metric without a sample is 0, as expectations have it. */
  readonly metrics: ReadonlyMap<string, readonly number[]>;
  /** By fault edge and phase, `underlay.start detection`: ms, the mean over the seeds in which all came back. */
  readonly phases: ReadonlyMap<string, number>;
  /** What any metric speaks of: traffic groups, faults, edges; the whole run is empty. A metric of others was not measured. */
  readonly subjects: ReadonlySet<string>;
};

/** A case of a baseline, with what it is a case of. */
export type KeptCase = CaseResult & {
  readonly scenario_sha256: string;
  readonly settings: readonly string[];
  readonly seeds: string;
  /** The metrics that were looked at, as the suite has them. */
  readonly patterns: readonly string[];
};

/** What a suite came to when it was last accepted. */
export type Baseline = {
  /** The version. */
  readonly faultline: string;
  readonly cases: ReadonlyMap<string, KeptCase>;
};

const value = z.union([z.number(), z.literal('never').transform(() => Infinity)]);

const shape = z.strictObject({
  format: z.literal(1),
  faultline: z.string(),
  cases: z.record(
    z.string(),
    z.strictObject({
      ...{scenario_sha256: z.string(), settings: z.array(z.string()), seeds: z.string()},
      fingerprints: z.string().transform(text => text.split(' ')),
      metrics: z.record(z.string(), z.strictObject({mean: value, values: z.array(value)})),
      phases: z.record(z.string(), z.number()),
      patterns: z.array(z.string()),
      subjects: z.array(z.string()).transform(names => new Set(names)),
    }),
  ),
});

/** The baseline that a text holds, or what is wrong with the text. */
export function readBaseline(text: string): Baseline | {readonly flaw: string} {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return {flaw: 'not JSON: it may have been cut off'};
  }
  const {format} = (typeof content === 'object' ? (content ?? {}) : {}) as {format?: unknown};
  if (format === undefined) return {flaw: 'not a baseline'};
  const parsed = shape.safeParse(content);
  if (!parsed.success) {
    const [{path, message}] = parsed.error.issues;
    return {
      flaw:
        path[0] === 'format'
          ? `of format ${String(format)}, which this version does not know`
          : `${path.join('.')}: ${message}`,
    };
  }
  const {faultline, cases} = parsed.data;
  for (const [name, {fingerprints, metrics}] of Object.entries(cases)) {
    const odd = Object.keys(metrics).find(metric => metrics[metric].values.length !== fingerprints.length);
    if (odd !== undefined) return {flaw: `${name}: ${odd} has not as many values as there are fingerprints`};
  }
  const kept = Object.entries(cases).map(([name, {metrics, phases, ...rest}]): [string, KeptCase] => {
    const values = Object.entries(metrics).map(([metric, own]) => [metric, own.values] as const);
    return [name, {...rest, metrics: new Map(values), phases: new Map(Object.entries(phases))}];
  });
  return {faultline, cases: new Map(kept)};
}

/** A baseline as text: a line for each thing that can change by itself, so that a diff of two says what did. */
export function writeBaseline({faultline, cases}: Baseline): string {
  const kept = [...cases].map(([name, {scenario_sha256, settings, seeds, fingerprints, metrics, phases, ...rest}]) => {
    const lines = [
      `"scenario_sha256": ${JSON.stringify(scenario_sha256)}`,
      `"settings": ${JSON.stringify(settings)}`,
      `"seeds": ${JSON.stringify(seeds)}`,
      `"patterns": ${JSON.stringify(rest.patterns)}`,
      `"subjects": ${JSON.stringify([...rest.subjects])}`,
      `"fingerprints": ${JSON.stringify(fingerprints.join(' '))}`,
      `"metrics": ${block(
        [...metrics].map(
          ([metric, values]) =>
            `${JSON.stringify(metric)}: {"mean": ${tell(meanOf(values))}, "values": [${values.map(tell).join(', ')}]}`,
        ),
        8,
      )}`,
      `"phases": ${block(
        [...phases].map(([phase, mean]) => `${JSON.stringify(phase)}: ${tell(mean)}`),
        8,
      )}`,
    ];
    return `${JSON.stringify(name)}: ${block(lines, 6)}`;
  });
  return `${block([`"format": 1`, `"faultline": ${JSON.stringify(faultline)}`, `"cases": ${block(kept, 4)}`], 2)}\n`;
}

function block(lines: readonly string[], indent: number): string {
  if (lines.length === 0) return '{}';
  const space = ' '.repeat(indent);
  return `{\n${lines.map(line => `${space}${line}`).join(',\n')}\n${space.slice(2)}}`;
}

/** A microsecond is the last digit that says something. */
function tell(number: number): string {
  return Number.isFinite(number) ? String(Math.round(number * 1000) / 1000) : '"never"';
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
