import {readFileSync} from 'node:fs';
import test from 'ava';
import {validateXML} from 'xmllint-wasm';
import type {Row, Verdict} from '../../../reports/gate/gate.ts';
import {junit} from '../../../reports/gate/junit.ts';

const schema = readFileSync('test/fixtures/junit/junit-10.xsd', 'utf8');

const row = (verdict: Row['verdict'], metric: string): Row => ({
  ...{case: 'a "lab" <1> & more', metric, verdict, tolerance: {share: 0, amount: 0}, moved: undefined},
  ...{
    judgement: {verdict: 'regressed', base: 1, now: 2, interval: [0.5, 1.5], p: 0.001, beyond: 16},
    worstSeed: '7',
    error: undefined,
  },
  known: verdict === 'known' ? {case: 'lab', metric, reason: 'a < b & c', until: '2027-01-31'} : undefined,
});

const verdict: Verdict = {
  rows: [
    row('regressed', 'outage.max'),
    row('known', 'outage.p95'),
    row('within', 'outage.sum'),
    row('undecided', 'outage.p99'),
  ],
  ...{level: 0.01, idle: [], weak: [], enough: 8},
};

test('JUnit XML has a test case for each metric and is valid against the schema of Jenkins', async t => {
  const xml = junit('suite.yaml', verdict, () => `faultline run 'it''s' --seed=7`);
  const {valid, errors} = await validateXML({xml: [{fileName: 'gate.xml', contents: xml}], schema: [schema]});
  t.true(valid, JSON.stringify(errors));
  t.is(xml.match(/<testcase /g)?.length, 4);
  t.is(xml.match(/<failure /g)?.length, 1);
  t.is(xml.match(/<error /g)?.length, 1);
  t.is(xml.match(/<skipped /g)?.length, 1);
  t.regex(
    xml,
    /<testsuite name="a &quot;lab&quot; &lt;1&gt; &amp; more" tests="4" failures="1" errors="1" skipped="1">/,
  );
});

test('the schema would find what is wrong', async t => {
  const xml = junit('suite.yaml', verdict, () => '').replace('<testcase ', '<testcase colour="red" ');
  const {valid} = await validateXML({xml: [{fileName: 'gate.xml', contents: xml}], schema: [schema]});
  t.false(valid);
});
