import test from 'ava';
import {readSweep, type SweepWords} from '../../scenarios/read-sweep.ts';
import {smallCloud} from './scenario-files.ts';

const cloud = `${smallCloud}vms:
  vm[1..2]: {network: private}
faults:
  down: {break: chassis, of: gw1, at: 20s, for: 5s}
`;
const withSweep = `${cloud}sweep:
  seeds: 1..3
  set:
    bfd-mult: [3, 5]
    faults.down.for: [5s, 10s]
`;

/** The settings of each point, or the mistakes. */
function pointsOf(text: string, words: SweepWords = {}): readonly string[] {
  const reading = readSweep(text, 'test.yaml', words);
  if ('sweep' in reading) return reading.sweep.points.map(({settings}) => settings.join(' '));
  return reading.mistakes.map(({file, line, column, message, hint}) =>
    [`${file}:${line}:${column} ${message}`, ...(hint === undefined ? [] : [hint])].join('. '),
  );
}

const settings = (...words: readonly string[]): SweepWords => ({settings: words});

test('a file without a sweep is one point with twenty seeds', t => {
  const reading = readSweep(cloud, 'test.yaml');
  t.like('sweep' in reading && reading.sweep, {axes: [], points: [{settings: [], label: ''}]});
  t.is('sweep' in reading && reading.sweep.seeds.length, 20);
});

test('every combination of values is a point, the last setting changing first', t => {
  t.deepEqual(pointsOf(withSweep), [
    'bfd-mult=3 faults.down.for=5s',
    'bfd-mult=3 faults.down.for=10s',
    'bfd-mult=5 faults.down.for=5s',
    'bfd-mult=5 faults.down.for=10s',
  ]);
});

test('the command line counts more than the file, however its path is written', t => {
  t.deepEqual(pointsOf(withSweep, settings('ovn.bfd-mult=7', 'duration=40s,50s', 'duration=30s')), [
    'ovn.bfd-mult=7 faults.down.for=5s duration=30s',
    'ovn.bfd-mult=7 faults.down.for=10s duration=30s',
  ]);
  const reading = readSweep(withSweep, 'test.yaml', {seeds: ['8']});
  t.deepEqual('sweep' in reading && reading.sweep.seeds, ['8']);
});

test('only settings with several values are in the name of a point', t => {
  const reading = readSweep(cloud, 'test.yaml', settings('duration=40s', 'bfd-mult=3, 5', 'host=quiet,busy'));
  t.deepEqual('sweep' in reading && reading.sweep.points.map(({label}) => label), [
    'bfd-mult=3 host=quiet',
    'bfd-mult=3 host=busy',
    'bfd-mult=5 host=quiet',
    'bfd-mult=5 host=busy',
  ]);
});

test('commas within brackets, braces and quotes part no values', t => {
  t.deepEqual(pointsOf(cloud, settings('host={base: busy, timer: 1ms..2ms},quiet', `description="a, b",'c, d'`)), [
    'host={base: busy, timer: 1ms..2ms} description="a, b"',
    `host={base: busy, timer: 1ms..2ms} description='c, d'`,
    'host=quiet description="a, b"',
    `host=quiet description='c, d'`,
  ]);
});

test('lists, maps and text of the file keep their meaning', t => {
  const text = `${cloud}sweep: {set: {host: [{base: busy, timer: 1ms..2ms}, quiet], description: ["5", "a, b", " x"]}}\n`;
  t.deepEqual(pointsOf(text).slice(0, 3), [
    'host={"base":"busy","timer":"1ms..2ms"} description="5"',
    'host={"base":"busy","timer":"1ms..2ms"} description="a, b"',
    'host={"base":"busy","timer":"1ms..2ms"} description=" x"',
  ]);
});

test('a value that makes no scenario is told once, where it stands', t => {
  const text = withSweep.replace('[3, 5]', '[3, 0]').replace('[5s, 10s]', '[5, 10s]');
  t.deepEqual(pointsOf(text), [
    'test.yaml:21:19 "0" is not a whole number from 1 to 255',
    'test.yaml:22:23 "5" needs a unit: 5ms, 5s?',
  ]);
  t.deepEqual(pointsOf(cloud, settings('duration=60s', 'bfd-mlt=3,5', 'faults.down.for=5s, 7')), [
    '--set:2:1 unknown key "bfd-mlt". Did you mean "bfd-mult"?',
    '--set:3:21 "7" needs a unit: 7ms, 7s?',
  ]);
});

test('a mistake that a value makes elsewhere in the file is told with the value', t => {
  const text = `${cloud}expect: [convergence.max.down.end < 3s]\n`;
  t.deepEqual(
    pointsOf(
      text,
      settings('faults.down={break: chassis, of: gw1, at: 20s}, {break: chassis, of: gw1, at: 20s, for: 5s}'),
    ),
    ['test.yaml:18:26 down never ends: it has no "for". With faults.down={break: chassis, of: gw1, at: 20s}'],
  );
});

test('what is no setting, and what is too much, is told', t => {
  t.deepEqual(pointsOf(cloud, settings('bfd-mult', 'host=', 'bfd-mult=3,,5', 'bfd-mult=3,5,3')), [
    '--set:1:1 "bfd-mult" is not a setting. Write it as path=value, such as bfd-mult=3,5,10',
    '--set:2:6 "host=" has no value',
    '--set:3:12 "bfd-mult=3,,5" has an empty value',
    '--set:4:14 "3" stands here twice',
  ]);
  const many = (path: string) => `${path}=${Array.from({length: 40}, (_, index) => `${index + 1}s`).join(',')}`;
  t.deepEqual(pointsOf(cloud, settings(many('duration'), many('faults.down.for'))), [
    '--set:2:1 1600 combinations of values are more than 1000',
  ]);
});
