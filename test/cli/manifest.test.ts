import {createHash} from 'node:crypto';
import test from 'ava';
import {makeManifest} from '../../cli/manifest.ts';
import {makeReport} from '../../reports/report.ts';
import {libraryScenario, Story} from '../support/runs.ts';

function manifest(asked: string, seed = '1', settings: readonly string[] = []): Readonly<Record<string, unknown>> {
  const report = makeReport('x', new Story().result([], {seed}), []);
  const bytes = Buffer.from('name: x\n');
  const file = {asked, path: asked, bytes, text: bytes.toString()};
  return JSON.parse(makeManifest(report, libraryScenario('ovn-three-gateways'), file, settings)) as never;
}

test('the repeating command has the words of the first one, quoted for a shell', t => {
  const commandOf = (...words: Parameters<typeof manifest>): unknown => manifest(...words).repeat_with;
  t.is(commandOf('ovn-three-gateways'), 'faultline run --seed=1 ovn-three-gateways');
  t.is(commandOf('my file.yaml', "it's"), `faultline run '--seed=it'\\''s' 'my file.yaml'`);
  t.is(
    commandOf('x.yaml', '$HOME', ['bfd-mult=5', 'host={base: busy}']),
    [`faultline run '--seed=$HOME' --set bfd-mult=5 --set 'host={base: busy}' x.yaml`].join(''),
  );
  t.is(commandOf('-x.yaml'), 'faultline run --seed=1 -- -x.yaml');
});

test('the digest is that of the file as it is on the disk', t => {
  t.is(manifest('x.yaml').scenario_sha256, createHash('sha256').update('name: x\n').digest('hex'));
});

test('timers are written as a scenario writes them', t => {
  t.deepEqual(manifest('x.yaml').timers, {
    'bfd-min-rx': '1000ms',
    'bfd-min-tx': '100ms',
    'bfd-mult': 3,
    'bfd-decay-min-rx': '0ms',
    'ovn-remote-probe-interval': '5000ms',
  });
});
