import {createHash} from 'node:crypto';
import {copyFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {makeManifest} from '../../cli/manifest.ts';
import {openScenario} from '../../cli/scenario-files.ts';
import {fixedTimersOfOvn, timersOf} from '../../cli/timers.ts';
import {defaultAdvertInterval} from '../../models/protocols/keepalived-configuration.ts';
import {reconnectDefaults} from '../../models/protocols/reconnect.ts';
import {jiffy} from '../../models/protocols/timer-wheel.ts';
import {makeReport} from '../../reports/report.ts';
import {temporaryFolder} from '../support/faultline.ts';
import {libraryScenario, Story} from '../support/runs.ts';

function manifest(called: string, seed = '1', settings: readonly string[] = []): Readonly<Record<string, unknown>> {
  const report = makeReport('x', new Story().result([], {seed}), []);
  const bytes = Buffer.from('name: x\n');
  const file = {called, path: called, bytes, text: bytes.toString()};
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
  const timers = timersOf(
    libraryScenario('ovn-next-hop-bfd', ['chassis.cn[1..2].host={base: quiet, flow-install: 5ms}']),
  ) as Readonly<Record<string, unknown>>;
  t.like(timers, {
    'bfd-min-rx': '1000ms',
    'bfd-min-tx': '100ms',
    'bfd-mult': 3,
    'bfd-decay-min-rx': '0ms',
    'ovn-remote-probe-interval': '5000ms',
    'switch-ageing': {underlay: '300000ms', management: '300000ms', provider: '300000ms'},
    fixed: fixedTimersOfOvn,
  });
  const bfd = {router: 'lr1', 'min-tx': '1000ms', 'min-rx': '1000ms', 'detect-mult': 5};
  t.deepEqual(timers['next-hop-bfd'], [
    {...bfd, route: 0},
    {...bfd, route: 1},
  ]);
  t.deepEqual(timers.hosts, [
    {base: 'busy', steps: {}, chassis: ['gw1', 'gw2', 'gw3', 'central']},
    {base: 'quiet', steps: {'flow-install': ['5ms', '5ms']}, chassis: ['cn1', 'cn2']},
  ]);
});

test('machines on LANs have the timers of keepalived, and none of a cloud', t => {
  const timers = timersOf(
    libraryScenario('keepalived-link-down', ['machines.r2.keepalived.vrrp-instance.VI_1.advert-int=2s']),
  );
  t.deepEqual(Object.keys(timers), ['advert-int', 'switch-ageing', 'hosts', 'fixed']);
  t.like(timers, {
    'advert-int': {'r1 VI_1': `${defaultAdvertInterval / 1000}ms`, 'r2 VI_1': '2000ms'},
    fixed: {'kernel-jiffy': '4ms'},
  });
  t.deepEqual(
    (timers as {readonly hosts: readonly {readonly machines: readonly string[]}[]}).hosts.flatMap(
      ({machines}) => machines,
    ),
    libraryScenario('keepalived-link-down').machines?.map(({name}) => name),
  );
});

test('the fixed timers are those of the models', t => {
  const fixed: Readonly<Record<string, string>> = fixedTimersOfOvn;
  const inMs = (time: number): string => `${time / 1000}ms`;
  t.is(fixed['reconnect-min-backoff'], inMs(reconnectDefaults.minBackoff));
  t.is(fixed['reconnect-max-backoff'], inMs(reconnectDefaults.maxBackoff));
  t.is(fixed['kernel-jiffy'], inMs(jiffy));
  const claims = readFileSync('models/control/ovn/gateway-claims.ts', 'utf8');
  t.regex(claims, /claimInterval: Time = milliseconds\(500\)/);
});

test('a scenario is called the same whatever path it was asked for with', t => {
  const folder = temporaryFolder(t);
  const library = 'scenarios/library/ovn-three-gateways.yaml';
  copyFileSync(library, join(folder, 'copy.yaml'));
  for (const asked of ['ovn-three-gateways', library, join(folder, 'copy.yaml')]) {
    t.is(openScenario(asked).called, 'ovn-three-gateways');
  }
  writeFileSync(join(folder, 'own.yaml'), 'name: own\n');
  t.is(openScenario(join(folder, 'own.yaml')).called, 'own.yaml');
});
