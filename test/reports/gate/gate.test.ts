import test from 'ava';
import {annotations} from '../../../reports/gate/annotations.ts';
import {readBaseline, writeBaseline, type Baseline} from '../../../reports/gate/baseline.ts';
import {hasRegressed, judgeSuite, type CheckedCase} from '../../../reports/gate/gate.ts';
import {gateMarkdown, gateText} from '../../../reports/gate/gate-text.ts';
import {meanPhases, phaseThatGrew} from '../../../reports/gate/phases.ts';
import {plain} from '../../../reports/paint.ts';

const seeds = Array.from({length: 16}, (_, index) => String(index + 1));
const values = seeds.map((_, index) => 2500 + index);
const metric = 'convergence.max.underlay.start';

const result = (scale: number, mark = '') => ({
  fingerprints: seeds.map(seed => `${seed}${mark}`),
  metrics: new Map([[metric, values.map(value => value * scale)]]),
  phases: new Map([
    ['underlay.start detection', 2400 * scale],
    ['underlay.start decision', 10],
  ]),
  subjects: new Set(['', 'underlay.start']),
});

const kept = {
  ...result(1),
  scenario_sha256: 'ab',
  settings: [],
  seeds: '1..16',
  seedList: seeds,
  patterns: ['convergence.max.*'],
};

const checked = (now: CheckedCase['now'], base: CheckedCase['base'] = kept): CheckedCase => ({
  ...{name: 'lab', seeds, now, base},
  metrics: [{pattern: 'convergence.max.*', share: 0.05, amount: 20}],
});

const known = {case: 'lab', metric, reason: 'new timers', until: '2027-01-31'};
const verdictOf = (each: CheckedCase, acknowledged = [] as readonly (typeof known)[], today = '2026-11-21') =>
  judgeSuite([each], acknowledged, today);
const repeat = (): string => 'faultline run lab --seed=16';

test('equal fingerprints are identical, whatever else', t => {
  const {rows} = verdictOf(checked(result(1)));
  t.deepEqual(
    rows.map(({verdict}) => verdict),
    ['identical'],
  );
});

test('other fingerprints with the same figures are a change within the tolerance', t => {
  t.is(verdictOf(checked(result(1, 'x'))).rows[0].verdict, 'within');
});

test('a regression names the phase that grew, the worst seed and the command that repeats it', t => {
  const found = verdictOf(checked(result(1.3, 'x')));
  t.true(hasRegressed(found));
  const [row] = found.rows;
  t.deepEqual([row.verdict, row.worstSeed], ['regressed', '16']);
  t.like(row.grew, {edge: 'underlay.start', phase: 'detection'});
  const text = gateText(found, repeat, Infinity, plain);
  t.regex(
    text,
    /^lab +convergence\.max\.underlay\.start +2\.507 s +3\.260 s +REGRESSED {2}\+30 % \[\+30 %, \+30 %\]$/m,
  );
  t.regex(text, /^ {2}phase: detection of underlay\.start \+720 ms$/m);
  t.regex(text, /^ {2}worst seed 16: faultline run lab --seed=16$/m);
  t.regex(
    gateMarkdown(found, repeat),
    /^\| lab \| convergence\.max\.underlay\.start \| 2\.507 s \| 3\.260 s \| REGRESSED/m,
  );
  t.regex(
    annotations('suite.yaml', found, repeat),
    /^::error file=suite\.yaml,title=lab%3A convergence\.max\.underlay\.start::2\.507 s → 3\.260 s: REGRESSED {2}\+30 %25 /,
  );
});

test('an acknowledged regression passes until its day, and is told when it is none any more', t => {
  const worse = checked(result(1.3, 'x'));
  t.false(hasRegressed(verdictOf(worse, [known], '2027-01-31')));
  const late = verdictOf(worse, [known], '2027-02-01');
  t.true(hasRegressed(late));
  t.regex(gateText(late, repeat, Infinity, plain), /was let pass until 2027-01-31: new timers/);
  t.deepEqual(verdictOf(checked(result(1)), [known]).idle, [known]);
});

test('a metric that the baseline never looked at is new; one that is not measured any more shuts the gate', t => {
  const newPattern = verdictOf({...checked(result(1.3, 'x')), base: {...kept, patterns: ['outage.max']}});
  t.deepEqual([newPattern.rows[0].verdict, hasRegressed(newPattern)], ['new', false]);
  const newFault = verdictOf({...checked(result(1.3, 'x')), base: {...kept, subjects: new Set([''])}});
  t.is(newFault.rows[0].verdict, 'new');
  const gone = verdictOf(checked({...result(1, 'x'), metrics: new Map(), subjects: new Set([''])}));
  t.deepEqual([gone.rows[0].verdict, hasRegressed(gone)], ['gone', true]);
  t.regex(gateText(gone, repeat, Infinity, plain), /^lab +convergence\.max\.underlay\.start +GONE$/m);
});

test('a case without a baseline is new; one with too few seeds says that it shows nothing', t => {
  const few = {...checked(result(1, 'x')), seeds: seeds.slice(0, 3)};
  t.is(judgeSuite([{...checked(result(1)), base: undefined}], [], '2026-11-21').rows[0].verdict, 'new');
  t.deepEqual(verdictOf(few).weak, ['lab']);
});

test('a baseline is read as it was written, what never ended included', t => {
  const {seedList: _, ...one} = kept;
  const baseline: Baseline = {
    faultline: '0.1.0',
    cases: new Map([['lab', {...one, fingerprints: ['a', 'b'], metrics: new Map([[metric, [1.5, Infinity]]])}]]),
  };
  const text = writeBaseline(baseline);
  t.deepEqual(readBaseline(text), baseline);
  t.true(text.split('\n').some(line => line.includes(metric) && line.includes('"never"')));
  t.deepEqual(readBaseline(text.slice(0, -10)), {flaw: 'not JSON: it may have been cut off'});
  t.deepEqual(readBaseline('{}'), {flaw: 'not a baseline'});
  t.deepEqual(readBaseline(text.replace('[1.5, "never"]', '[1.5]')), {
    flaw: `lab: ${metric} has not as many values as there are fingerprints`,
  });
  t.deepEqual(readBaseline(text.replace('"format": 1', '"format": 9')), {
    flaw: 'of format 9, which this version does not know',
  });
});

test('phases are means over the runs in which all came back; of a traffic metric any edge may have grown', t => {
  const runs = [100, 200, Infinity].map(
    value =>
      new Map([
        ['detection.max.a.start', value],
        ['outage.max.snat', 1],
      ]),
  );
  t.deepEqual([...meanPhases(runs)], [['a.start detection', 150]]);
  const base = new Map([
    ['a.start detection', 100],
    ['b.start decision', 100],
  ]);
  const now = new Map([
    ['a.start detection', 150],
    ['b.start decision', 300],
  ]);
  t.deepEqual(phaseThatGrew('outage.max.snat', now, base), {edge: 'b.start', phase: 'decision', by: 200});
  t.deepEqual(phaseThatGrew('convergence.max.a', now, base), {edge: 'a.start', phase: 'detection', by: 50});
  t.is(phaseThatGrew('outage.max.snat', base, now), undefined);
});
