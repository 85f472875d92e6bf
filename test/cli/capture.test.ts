import {mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {faultline} from '../support/faultline.ts';
import {readPcap} from '../support/pcap.ts';

test('packets are printed a line each, and written as a pcap file', async t => {
  const file = join(mkdtempSync(join(tmpdir(), 'capture-')), 'ping.pcap');
  const words = ['capture', 'neutron-lab-networks', 'node4', 'underlay', '--from', '2s', '--to', '3s', '--write', file];
  const {status, stdout, stderr} = await faultline(words);
  t.like({status, stderr}, {status: 0, stderr: ''});
  t.is(stdout, readFileSync('test/golden/show/capture-vxlan-ping.txt', 'utf8'));
  t.is(readPcap(readFileSync(file)).length, stdout.trim().split('\n').length);
});

test('without a place all there are are listed', async t => {
  const {status, stdout} = await faultline(['capture', 'neutron-lab-networks']);
  t.is(status, 0);
  t.true(stdout.includes('physical switches\n  underlay, management, ens19, ens20\n'));
});

test('times that make no sense and files that cannot be written are refused', async t => {
  const scenario = ['capture', 'neutron-lab-networks', 'underlay'];
  const backwards = await faultline([...scenario, '--from', '3s', '--to', '2s']);
  t.like(backwards, {status: 2, stderr: '--to: 2.000 s is not after --from, 3.000 s\n'});
  const late = await faultline([...scenario, '--to', '31s']);
  t.like(late, {status: 2, stderr: '--to: 31s is after the end of the run, at 30.000 s\n'});
  const unwritable = await faultline([...scenario, '--to', '1s', '--write', '/nowhere/at/all.pcap']);
  t.like(unwritable, {
    status: 2,
    stderr: '/nowhere/at/all.pcap: no file can be made there; nothing was run\n',
  });
});
