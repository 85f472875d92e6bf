import test from 'ava';
import {advance} from '../../cli/advance.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {Run, runPlan} from '../../scenarios/run.ts';
import {heavyFirstInstant} from '../support/clouds.ts';

test('the event loop has its turns within an instant at which much happens, and results do not show it', async t => {
  const reading = readScenario(heavyFirstInstant, 'heavy.yaml');
  if ('mistakes' in reading) return t.fail(reading.mistakes.map(({message}) => message).join('\n'));
  const plan = makePlan(reading.scenario, 1);
  const run = new Run(plan);
  let turns = 0;
  const ran = advance(run, plan.duration, 'heavy');
  while (!run.done) {
    if (run.now === 0) turns += 1;
    await new Promise(resolve => setImmediate(resolve));
  }
  await ran;
  t.true(turns > 1, `${turns}`);
  t.is(run.result().fingerprint, runPlan(plan).fingerprint);
});
