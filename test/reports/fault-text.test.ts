import test from 'ava';
import {milliseconds} from '../../engine/time.ts';
import {tellFault, type Broken} from '../../reports/fault-text.ts';

function told(breakage: Broken, target = 'gw1'): readonly [string, string] {
  const struck = {fault: 'x', kind: breakage.kind, target};
  const faults = [{name: 'x', breakage}];
  return [tellFault(faults, struck, 'start'), tellFault(faults, struck, 'end')];
}

const both = {direction: 'both'} as const;

test('links say which of whom', t => {
  t.deepEqual(told({kind: 'link', nic: 'underlay'}), ['underlay link of gw1 down', 'underlay link of gw1 up again']);
  t.deepEqual(told({kind: 'link', nic: 'all'}), ['all links of gw1 down', 'all links of gw1 up again']);
});

test('daemons say which, and how', t => {
  const daemon = 'ovs-vswitchd';
  const deeds = (['kill', 'stop', 'hang', 'restart'] as const).map(how => told({kind: 'daemon', daemon, how}));
  t.deepEqual(deeds, [
    ['ovs-vswitchd of gw1 killed', 'ovs-vswitchd of gw1 started again'],
    ['ovs-vswitchd of gw1 told to stop', 'ovs-vswitchd of gw1 started again'],
    ['ovs-vswitchd of gw1 hung', 'ovs-vswitchd of gw1 goes on'],
    ['ovs-vswitchd of gw1 restarted', 'ovs-vswitchd of gw1 started again'],
  ]);
});

test('rules on links say what they do, where and which way', t => {
  t.deepEqual(told({kind: 'black-hole', nic: 'provider', direction: 'in'}), [
    'black hole at the provider link of gw1, inwards',
    'no more black hole at the provider link of gw1',
  ]);
  t.is(told({kind: 'loss', nic: 'all', ...both, rate: 0.05})[0], 'loss of 5 % at all links of gw1');
  t.is(told({kind: 'loss', nic: 'all', ...both, rate: 0.007})[0], 'loss of 0.7 % at all links of gw1');
  const latency = {kind: 'latency', nic: 'underlay', ...both, add: milliseconds(30)} as const;
  t.is(told({...latency, jitter: 0})[0], '30 ms more latency at the underlay link of gw1');
  t.is(
    told({...latency, jitter: milliseconds(5)})[0],
    '30 ms more latency, up to 5 ms of jitter at the underlay link of gw1',
  );
  const drop = {kind: 'drop', nic: 'underlay', direction: 'out'} as const;
  t.is(
    told({...drop, match: {protocol: 'udp', port: 3784}})[0],
    'rule that drops udp port 3784 at the underlay link of gw1, outwards',
  );
  t.is(
    told({...drop, match: {protocol: 'any', port: undefined}})[0],
    'rule that drops everything at the underlay link of gw1, outwards',
  );
});

test('chassis lose their power, and paths to the database or the bus are reset or cut', t => {
  t.deepEqual(told({kind: 'chassis'}), ['gw1 without power', 'gw1 with power again']);
  t.deepEqual(told({kind: 'southbound', how: 'silent'}), [
    'path from gw1 to the southbound database cut without a word',
    'path from gw1 to the southbound database open again',
  ]);
  t.is(told({kind: 'southbound', how: 'noticed'})[0], 'path from gw1 to the southbound database reset');
  t.deepEqual(told({kind: 'bus', how: 'silent'}, 'cn1'), [
    'path from cn1 to the message bus cut without a word',
    'path from cn1 to the message bus open again',
  ]);
  t.is(told({kind: 'bus', how: 'noticed'})[0], 'path from gw1 to the message bus reset');
});

test('a machine that is replaced is told with the MAC of the other', t => {
  const told = tellFault(
    [{name: 'x', breakage: {kind: 'operation', operation: {what: 'replace', mac: 0x52_54_00_00_00_01}}}],
    {fault: 'x', kind: 'operation', target: 'db'},
    'start',
  );
  t.is(told, 'db replaced by a machine with the MAC 52:54:00:00:00:01');
});

test('several targets are listed, switches by their name, and no target is said to be none', t => {
  t.is(told({kind: 'chassis'}, 'gw1 gw2')[0], 'gw1 and gw2 without power');
  t.is(told({kind: 'chassis'}, 'gw1 gw2 gw3')[0], 'gw1, gw2 and gw3 without power');
  t.is(told({kind: 'black-hole', nic: 'provider', ...both}, 'switch physnet2')[0], 'black hole at switch physnet2');
  t.is(
    told({kind: 'link', nic: 'provider'}, 'gw1 public gateway 2')[0],
    'provider link of gw1 and public gateway 2 down',
  );
  t.is(told({kind: 'link', nic: 'provider'}, 'public gateway gw1')[0], 'provider link of public gateway and gw1 down');
  t.deepEqual(told({kind: 'chassis'}, ''), ['hits nothing: there is no such target', 'over']);
});

test('a fault that nothing more is known of is told by its kind', t => {
  t.is(tellFault([], {fault: 'x', kind: 'daemon', target: 'gw1'}, 'start'), 'daemon of gw1');
});
