import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {faultline} from '../support/faultline.ts';

/*
 * `faultline show` as a child process. What tools print is tested without it, in `test/models/inspect`.
 */

const golden = (name: string): string => readFileSync(join(process.cwd(), 'test/golden/show', `${name}.txt`), 'utf8');

test('a thing is shown at its instant, and nothing else is said', async t => {
  const words = ['show', 'ovn-three-gateways', 'gw2', 'ovs-appctl', 'bfd/show', '--at', '25s'];
  t.like(await faultline(words), {status: 0, stdout: golden('bfd-gw2'), stderr: ''});
});

test('the end is shown if no instant is given; the object may stand in quotes', async t => {
  t.like(await faultline(['show', 'ovn-three-gateways', 'ovn-nbctl show']), {status: 0, stdout: golden('ovn-nbctl')});
});

test('seed and settings are those of run', async t => {
  const words = ['show', 'ovn-three-gateways', 'ovn-sbctl', 'show', '--at=25s'];
  const {stdout} = await faultline([...words, '--seed', '2', '--set', 'faults.underlay.of=gw3']);
  t.is(stdout, golden('ovn-sbctl-before'));
});

test('in JSON the text comes with what was asked for', async t => {
  const words = ['show', 'ovn-three-gateways', 'vm1', 'ip', 'n', '--at', '25s', '--format', 'json'];
  const {status, stdout} = await faultline(words);
  t.is(status, 0);
  t.deepEqual(JSON.parse(stdout), {
    ...{scenario: 'ovn-three-gateways', seed: '1', at_s: 25},
    ...{object: 'vm1 ip neigh', text: golden('ip-neigh-vm1')},
  });
});

test('without an object all there is to look at is listed', async t => {
  const {status, stdout, stderr} = await faultline(['show', 'ovn-three-gateways']);
  t.is(status, 0);
  t.is(stderr, '');
  t.true(stdout.includes('\nchassis\n  gw1, gw2, gw3, cn1, cn2\n    ovs-appctl bfd/show\n'));
  const json = await faultline(['show', 'ovn-three-gateways', '--format', 'json']);
  const groups = JSON.parse(json.stdout) as readonly {title: string}[];
  t.deepEqual(
    groups.map(({title}) => title),
    stdout.split('\n').filter(line => /^\w/.test(line)),
  );
});

test('an object that is not there is told, with the one that may have been meant', async t => {
  const {status, stdout, stderr} = await faultline(['show', 'ovn-three-gateways', 'gw4', 'ip', 'neigh']);
  t.is(status, 2);
  t.is(stdout, '');
  t.is(stderr, 'there is no "gw4" to look at. Did you mean "gw3"?\nSee faultline show ovn-three-gateways.\n');
});
