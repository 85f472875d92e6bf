import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {announcementLine} from '../../support/ground.ts';

/** What happens in a minute in which this happens to the management network of gw1 after 5 s, but for the fault itself. */
function linesUnder(fault: string): readonly string[] {
  const faults = fault === '' ? [] : [`f: {${fault}, of: gw1, at: 5s, for: 40s}`];
  const world = worldOf(planOf(cloudText({sections: {faults}})));
  world.advance(seconds(60));
  return world.journal.entries.filter(({kind}) => !kind.startsWith('fault')).map(announcementLine);
}

test('a rule on the port of the southbound database cuts its connections as a silent path does', t => {
  const silent = linesUnder('break: southbound, how: silent');
  t.true(silent.some(line => line.includes('database lost')));
  for (const rule of ['protocol: tcp, port: 6642', 'protocol: tcp', 'protocol: any, port: 6642']) {
    t.deepEqual(linesUnder(`break: drop, nic: management, ${rule}`), silent, rule);
  }
});

test('a rule on another port or protocol does nothing to them', t => {
  const quiet = linesUnder('');
  for (const rule of ['protocol: any, port: 6641', 'protocol: udp, port: 6642', 'protocol: icmp']) {
    t.deepEqual(linesUnder(`break: drop, nic: management, ${rule}`), quiet, rule);
  }
});
