import test from 'ava';
import {annotations} from '../../../reports/gate/annotations.ts';
import {readBaseline, writeBaseline, type Baseline} from '../../../reports/gate/baseline.ts';
import {judgeSuite, outcomeOf, tooFewSeeds, type CheckedCase} from '../../../reports/gate/gate.ts';
import {gateMarkdown, gateText} from '../../../reports/gate/gate-text.ts';
import {junit} from '../../../reports/gate/junit.ts';
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
  ...{name: 'lab', seeds, now, base, failed: []},
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

test('where few seeds are worse than tolerated it is told, for all that luck can do so', t => {
  const slow = {
    ...result(1, 'x'),
    metrics: new Map([[metric, values.map((value, seed) => (seed < 3 ? 9000 : value))]]),
  };
  const found = verdictOf(checked(slow));
  t.deepEqual([found.rows[0].verdict, outcomeOf(found)], ['within', 'open']);
  const text = gateText(found, repeat, Infinity, plain);
  t.regex(
    text,
    /^Worse than tolerated in some seeds, .*: lab, convergence\.max\.underlay\.start \(3 seeds, 25 %\)\.$/m,
  );
  t.notRegex(gateText(verdictOf(checked(result(1, 'x'))), repeat, Infinity, plain), /Worse than tolerated/);
});

test('a regression names the phase that grew, the worst seed and the command that repeats it', t => {
  const found = verdictOf(checked(result(1.3, 'x')));
  t.is(outcomeOf(found), 'shut');
  const [row] = found.rows;
  t.deepEqual([row.verdict, row.worstSeed], ['regressed', '16']);
  t.like(row.moved, {edge: 'underlay.start', phase: 'detection'});
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
    annotations(found, () => ({file: 'ci/suite.yaml', line: 7}), repeat),
    /^::error file=ci\/suite\.yaml,line=7,title=lab%3A convergence\.max\.underlay\.start::2\.507 s → 3\.260 s: REGRESSED {2}\+30 %25 /,
  );
});

test('an acknowledged regression passes until its day, and is told when it is none any more', t => {
  const worse = checked(result(1.3, 'x'));
  t.is(outcomeOf(verdictOf(worse, [known], '2027-01-31')), 'open');
  const late = verdictOf(worse, [known], '2027-02-01');
  t.is(outcomeOf(late), 'shut');
  t.regex(gateText(late, repeat, Infinity, plain), /was let pass until 2027-01-31: new timers/);
  t.deepEqual(verdictOf(checked(result(1)), [known]).idle, [known]);
});

test('a metric that the baseline never looked at is new; one that is not measured any more shuts the gate', t => {
  const newPattern = verdictOf({...checked(result(1.3, 'x')), base: {...kept, patterns: ['outage.max']}});
  t.is(newPattern.rows[0].verdict, 'new');
  const newFault = verdictOf({...checked(result(1.3, 'x')), base: {...kept, subjects: new Set([''])}});
  t.is(newFault.rows[0].verdict, 'new');
  const gone = verdictOf(checked({...result(1, 'x'), metrics: new Map(), subjects: new Set([''])}));
  t.deepEqual([gone.rows[0].verdict, outcomeOf(gone)], ['gone', 'shut']);
  t.regex(gateText(gone, repeat, Infinity, plain), /^lab +convergence\.max\.underlay\.start +GONE$/m);
});

test('a case without a baseline is new, and where all is new nothing was compared and nothing passes', t => {
  const added = {...checked(result(1)), name: 'added', base: undefined};
  const some = judgeSuite([checked(result(1)), added], [], '2026-11-21');
  t.deepEqual([some.rows[1].verdict, outcomeOf(some)], ['new', 'open']);
  const none = judgeSuite([added], [], '2026-11-21');
  t.is(outcomeOf(none), 'undecided');
  t.regex(gateText(none, repeat, Infinity, plain), /^Nothing was compared: /m);
});

test('a case that only the baseline has shuts the gate', t => {
  const found = judgeSuite([checked(result(1))], [], '2026-11-21', ['renamed']);
  t.is(outcomeOf(found), 'shut');
  t.regex(gateText(found, repeat, Infinity, plain), /^renamed +\* +GONE$/m);
});

test('of a case with a run that failed nothing is judged, and the run is told with the command that repeats it', t => {
  const failed = [{seed: '3', error: 'out of memory'}];
  const found = judgeSuite(
    [
      {...checked(result(1.3, 'x')), failed},
      {...checked(result(1)), name: 'well'},
    ],
    [known],
    '',
  );
  t.deepEqual(
    found.rows.map(({verdict}) => verdict),
    ['failed', 'identical'],
  );
  t.deepEqual([outcomeOf(found), found.idle, found.weak], ['failed', [], []]);
  const text = gateText(found, repeat, Infinity, plain);
  t.regex(text, /^lab +\* +FAILED$\n^ {2}seed 3: out of memory$\n^ {2}faultline run lab --seed=16$/m);
  t.regex(junit('suite.yaml', found, repeat), /<error message="FAILED; seed 3: out of memory; [^"]*" type="failed">/);
  t.regex(
    annotations(found, () => ({file: 'suite.yaml', line: 3}), repeat),
    /^::error .*title=lab%3A \*::FAILED; seed 3/,
  );
});

test('a case whose metrics are all 0 is a row of its own', t => {
  const calm = (mark = '') => ({...result(1, mark), metrics: new Map([[metric, values.map(() => 0)]])});
  const [same, changed] = ['', 'x'].map(mark => verdictOf(checked(calm(mark), {...kept, ...calm()})));
  t.deepEqual([same.rows[0].verdict, changed.rows[0].verdict, outcomeOf(changed)], ['identical', 'within', 'open']);
  t.regex(gateText(same, repeat, Infinity, plain), /^lab +\* \(0 in every run\) +identical$/m);
});

test('of too few seeds what looks worse is undecided, what does not is within, and what is acknowledged passes', t => {
  const few = (scale: number, now = 3, base = now): CheckedCase => {
    const side = (count: number, factor: number, mark = '') => ({
      ...result(factor, mark),
      fingerprints: seeds.slice(0, count).map(seed => `${seed}${mark}`),
      metrics: new Map([[metric, values.slice(0, count).map(value => value * factor)]]),
    });
    const kept3 = {...kept, ...side(base, 1), seedList: seeds.slice(0, base)};
    return {...checked(side(now, scale, 'x'), kept3), seeds: seeds.slice(0, now)};
  };
  const worse = verdictOf(few(1.3));
  t.deepEqual([worse.rows[0].verdict, outcomeOf(worse), worse.weak], ['undecided', 'undecided', ['lab']]);
  const text = gateText(worse, repeat, Infinity, plain);
  t.regex(text, /^lab +convergence\.max\.underlay\.start +2\.501 s +3\.251 s +UNDECIDED {2}\+30 %/m);
  t.regex(text, /^ {2}too few seeds to tell that from luck at 5 %: 6 or more can$/m);
  t.regex(
    annotations(worse, () => ({file: 'suite.yaml', line: 1}), repeat),
    /^::error /,
  );
  t.deepEqual([verdictOf(few(1)).rows[0].verdict, verdictOf(few(1)).weak], ['within', ['lab']]);
  t.is(outcomeOf(verdictOf(few(1.3), [known])), 'open');
  // 2 * 0.5^5 is 6 %, 2 * 0.5^6 is 3 %; 2 / C(6, 3) is 10 %, 2 / C(8, 4) is 3 %, but 2 / C(7, 1) is 29 %.
  t.is(verdictOf(few(1.3, 5)).rows[0].verdict, 'undecided');
  t.is(verdictOf(few(1.3, 6)).rows[0].verdict, 'regressed');
  t.is(verdictOf({...few(1.3, 4), seeds: ['a', 'b', 'c', 'd']}).rows[0].verdict, 'regressed');
  t.is(verdictOf({...few(1.3, 3), seeds: ['a', 'b', 'c']}).rows[0].verdict, 'undecided');
  t.is(verdictOf(few(1.3, 6, 1)).rows[0].verdict, 'undecided', 'the seeds of the baseline count too');
});

test('a baseline whose cases have too few seeds is known for one', t => {
  const first = (count: number): CheckedCase => ({
    ...checked(result(1), undefined),
    ...{base: undefined, name: `${count} seeds`, seeds: seeds.slice(0, count)},
  });
  t.deepEqual(tooFewSeeds([first(6), first(5)]), {names: ['6 seeds', '5 seeds'], enough: 7});
  t.deepEqual(tooFewSeeds([first(6)]), {names: [], enough: 6});
});

test('metrics of one cause are one row, and one question to the tests if their figures are the same', t => {
  const names = ['convergence.max', metric, 'convergence.max.underlay', 'outage.max'];
  const many = (scale: number, mark = '') => ({
    ...result(scale, mark),
    subjects: new Set(['', 'underlay', 'underlay.start']),
    metrics: new Map(names.map(name => [name, values.map(value => value * (name === 'outage.max' ? 0.9 : 1) * scale)])),
  });
  const patterns = ['convergence.max*', 'outage.max'];
  const verdictWith = (scale: number) =>
    verdictOf({
      ...checked(many(scale, 'x'), {...kept, ...many(1), patterns}),
      metrics: patterns.map(pattern => ({pattern, share: 0.05, amount: 20})),
    });
  const found = verdictWith(1.3);
  t.is(found.level, 0.05 / 2, 'one figure of convergence, one of outages');
  t.is(found.rows.filter(({verdict}) => verdict === 'regressed').length, 4);
  const lines = gateText(found, repeat, Infinity, plain).split('\n');
  t.is(lines.filter(line => line.includes('REGRESSED')).length, 1);
  t.regex(lines[1], /^lab +convergence\.max\.underlay\.start /);
  t.regex(
    gateMarkdown(found, repeat),
    /with it: convergence\.max \+30 %, convergence\.max\.underlay \+30 % and outage\.max/,
  );
  t.is(annotations(found, () => ({file: 'suite.yaml', line: 1}), repeat).split('\n').length, 2);
  const better = gateText(verdictWith(0.7), repeat, Infinity, plain);
  t.is(better.split('\n').filter(line => line.includes('improved  -30 %')).length, 1);
  t.regex(better, /^ {2}phase: detection of underlay\.start -720 ms$/m);
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
