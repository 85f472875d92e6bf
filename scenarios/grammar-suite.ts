import {z} from 'zod';
import {prose, reference, textField} from './fields.ts';
import {keys, optionalList} from './grammar-parts.ts';
import {quote} from './mistakes.ts';
import {parseSeeds} from './seeds.ts';
import {parseTime, type Parsed} from './units.ts';

/** How much worse a metric may become: a share of what it was, and so much besides. */
export type ToleranceDraft = {readonly share: number; readonly amount: number; readonly isTime: boolean | undefined};

const wanted = 'a tolerance such as 5%, 20ms, 3 or 5% + 20ms';
const tolerance = z.union(
  [
    z
      .number()
      .nonnegative()
      .transform((amount): ToleranceDraft => ({share: 0, amount, isTime: timeOf(amount)})),
    textField(wanted, {}, parseTolerance),
  ],
  {error: wanted},
);

const tolerances = z.record(z.string(), tolerance);

const seeds = textField('seeds such as 1..20', {}, parseSeeds);

const detailedCase = keys({
  scenario: reference('scenario').describe('A file, from where the suite is, or a name of the library.'),
  name: prose('a name')
    .optional()
    .describe('What results call it; the name of the scenario and its settings if left out.'),
  seeds: seeds.optional().describe('Instead of those of the suite.'),
  set: optionalList(prose('a setting such as bfd-mult=5')).describe('Settings, each path=value.'),
  metrics: tolerances.optional().describe('Instead of those of the suite.'),
});

/** A scenario's name alone, or with what is its own. */
const suiteCase = z.union(
  [reference('scenario').transform((scenario): z.infer<typeof detailedCase> => ({scenario, set: []})), detailedCase],
  {error: 'a scenario'},
);

/** A suite: what `faultline check` runs, and what it lets pass. */
export const suiteGrammar = keys({
  seeds: seeds.prefault('1..20').describe('The seeds of every case that has none of its own.'),
  metrics: tolerances
    .prefault({
      'convergence.max.*': '5% + 20ms',
      'outage.max.*': '5% + 20ms',
      'packets_lost.sum.*': '5% + 3',
      'flows_unrestored.count': '0',
    })
    .describe('Metrics, * for anything, and how much worse each may become.'),
  cases: z
    .array(suiteCase, {
      error: ({input}) => (input === undefined ? 'a list of scenarios' : '"cases" must be a list of scenarios'),
    })
    .min(1, {error: 'an empty list: name a scenario'}),
  known: optionalList(
    keys({
      case: reference('case'),
      metric: prose('a metric'),
      reason: prose('a reason'),
      until: textField('a day such as 2027-01-31', {}, parseDay),
    }),
  ).describe('Regressions that are let pass until a day.'),
});

export type SuiteDraft = z.infer<typeof suiteGrammar>;

function parseTolerance(text: string): Parsed<ToleranceDraft> {
  const parts = text.split('+').map(part => part.trim());
  const shares = parts.filter(part => part.endsWith('%'));
  const amounts = parts.filter(part => !part.endsWith('%'));
  const wrong = {flaw: `${quote(text)} is not a tolerance`, hint: 'Write it as 5%, 20ms, 3 or 5% + 20ms'};
  if (shares.length > 1 || amounts.length > 1) return wrong;
  const [share = '0%'] = shares;
  if (!/^\d{1,4}(\.\d{1,3})?%$/.test(share)) return wrong;
  const part = Number(share.slice(0, -1)) / 100;
  const [amount] = amounts;
  if (amount === undefined) return {value: {share: part, amount: 0, isTime: undefined}};
  if (/^\d{1,12}(\.\d{1,3})?$/.test(amount)) {
    return {value: {share: part, amount: Number(amount), isTime: timeOf(Number(amount))}};
  }
  const time = parseTime(amount);
  return 'value' in time ? {value: {share: part, amount: time.value / 1000, isTime: true}} : wrong;
}

/** 0 is 0 in any unit. */
function timeOf(amount: number): undefined | false {
  return amount === 0 ? undefined : false;
}

function parseDay(text: string): Parsed<string> {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const wrong = {flaw: `${quote(text)} is not a day`, hint: 'Write it as 2027-01-31'};
  if (!match) return wrong;
  const [year, month, day] = match.slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days ? {value: text} : wrong;
}
