import test from 'ava';
import {resultOf} from '../../../reports/gate/case-result.ts';
import {judgeSuite, type CheckedCase, type Row} from '../../../reports/gate/gate.ts';
import type {CaseResult} from '../../../reports/gate/baseline.ts';
import {recordOf} from '../../../reports/sweeps/run-record.ts';
import {libraryReport} from '../../support/runs.ts';

/*
 * Regressions that are planted in scenarios of the library, and changes that are none.
 */

const seeds = Array.from({length: 16}, (_, index) => String(index + 1));
const metrics = [
  {pattern: 'convergence.max.*', share: 0.05, amount: 20},
  {pattern: 'outage.max.*', share: 0.05, amount: 20},
];

function runs(scenario: string, settings: readonly string[], from: readonly string[] = seeds): CaseResult {
  return resultOf(from.map(seed => recordOf(libraryReport(scenario, seed, settings))));
}

function check(scenario: string, before: readonly string[], after: readonly string[]): readonly Row[] {
  const base = {
    ...runs(scenario, before),
    scenario_sha256: '',
    settings: [],
    seeds: '1..16',
    seedList: seeds,
    patterns: metrics.map(({pattern}) => pattern),
  };
  const one: CheckedCase = {name: scenario, seeds, metrics, now: runs(scenario, after), base, failed: []};
  return judgeSuite([one], [], '2026-11-21').rows;
}

const regressedOf = (rows: readonly Row[], metric: string): Row | undefined =>
  rows.find(row => row.metric === metric && row.verdict === 'regressed');

test('a detection multiplier of 4 instead of 3 is a regression of detection', t => {
  const row = regressedOf(check('ovn-three-gateways', [], ['bfd-mult=4']), 'convergence.max.underlay.start');
  t.is(row?.moved?.phase, 'detection');
  t.true(row!.moved!.by > 900 && row!.moved!.by < 1100, `${row?.moved?.by}`);
});

test('an announcement that is left out is a regression of what had to reach the flows', t => {
  // The first one comes between 23 and 25 s, the second two seconds after it.
  const mute = '{break: drop, protocol: arp, of: gw2, nic: provider, direction: out, at: 0s, for: 25s}';
  const row = regressedOf(check('ovn-inbound-only', [], [`faults.mute=${mute}`]), 'outage.max.inbound');
  t.like(row?.moved, {edge: 'underlay.start', phase: 'propagation'});
});

test('flows of a returning gateway that come later are a regression of propagation', t => {
  const settings = ['host={base: busy, flow-install: 600ms}'];
  const rows = check('ovn-gateway-crash', [], settings);
  const row = rows.find(each => each.verdict === 'regressed' && each.moved);
  t.is(row?.moved?.phase, 'propagation', JSON.stringify(rows));
});

test('other seeds are no regression', t => {
  const others = seeds.map(seed => String(1000 + Number(seed)));
  const base = {
    ...runs('ovn-three-gateways', []),
    scenario_sha256: '',
    settings: [],
    seeds: '1..16',
    seedList: seeds,
    patterns: metrics.map(({pattern}) => pattern),
  };
  const now = runs('ovn-three-gateways', [], others);
  const {rows} = judgeSuite([{name: 'lab', seeds: others, metrics, now, base, failed: []}], [], '2026-11-21');
  t.true(rows.length > 3);
  t.deepEqual(
    rows.filter(({verdict}) => verdict !== 'within').map(({metric, verdict}) => `${metric} ${verdict}`),
    [],
  );
});
