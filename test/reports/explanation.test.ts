import {existsSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {milliseconds, seconds} from '../../engine/time.ts';
import {advicePages} from '../../reports/advice.ts';
import {explain, slowestLink, type Explanation, type Link} from '../../reports/explanation.ts';
import {plain} from '../../reports/paint.ts';

const link = (at: number, took: number, event: string, detail: string, step = ''): Link => ({
  ...{at: seconds(at), took: seconds(took), step, event, detail},
  ...{chassis: event.startsWith('fault') ? '' : 'gw2', subject: event.startsWith('fault') ? 'underlay' : 'BFD to gw1'},
});

const links = [
  link(20, 0, 'fault began', 'underlay link of gw1 down', 'fault'),
  link(22.5, 2.5, 'bfd changed', 'up → down', 'detection'),
  link(22.75, 0.25, 'gateway moved', 'is forwarded here', 'propagation'),
];

const outage = (flow: string, startAt: number, endAt: number | undefined) => ({
  ...{flow, startAt: seconds(startAt), endAt: endAt === undefined ? undefined : seconds(endAt), lost: 5},
  reason: 'no carrier at gw1 underlay',
});

const told = (outages: Explanation['outages'], width = Infinity, met: readonly Link[] = []): readonly string[] =>
  explain({edge: 'underlay.start', links, met, outages}, width, plain).split('\n');

test('a chain is told link by link up to the slowest flow, and the outage is less the wait for its first send', t => {
  t.deepEqual(told([outage('a', 20.125, 22.875), outage('b', 20.25, 23)]), [
    'underlay start → b restored after 3.000 s',
    '     +0.000               20.000  fault        underlay link of gw1 down',
    '     +2.500    2.500 s    22.500  detection    gw2: BFD to gw1 up → down',
    '     +2.750     250 ms    22.750  propagation  gw2: BFD to gw1 is forwarded here',
    '     +3.000     250 ms    23.000  restored     first packet of b that gets through, 5 lost',
    'Out for 2.750 s: 3.000 s less the 250 ms until its first packet after that was sent.',
    'Slowest link: detection, 2.500 s of 3.000 s (83 %). bfd-min-rx and bfd-mult set it. See docs/models/bfd.md.',
    'The same chain ended 1 more outage at 22.875 s: a.',
  ]);
});

test('what the packet that got through waited for on its way is told below, and not that all was in place', t => {
  const met = [
    link(30.5, 7.75, 'port wired', 'wired', 'on the way'),
    link(30.75, 0.25, 'address announced', 'announced', 'on the way'),
  ];
  t.deepEqual(told([outage('a', 20, 30)], Infinity, met).slice(4), [
    '    +10.000    7.250 s    30.000  restored     first packet of a that gets through, 5 lost',
    '    +10.500     500 ms    30.500  on the way   gw2: BFD to gw1 wired',
    '    +10.750     250 ms    30.750  on the way   gw2: BFD to gw1 announced',
    'Out for 10.000 s: 10.000 s less the 0 until its first packet after that was sent.',
    'Slowest link: restored, 7.250 s of 10.000 s (73 %). Something was still missing: the packet that got through met on its way what the last lines say. See docs/models/traffic.md.',
  ]);
});

test('a packet sent before the fault and lost by it makes the outage longer than the convergence', t => {
  t.true(
    told([outage('a', 19.75, 23)]).includes(
      'Out for 3.250 s: 3.000 s and the 250 ms that its first lost packet was sent before.',
    ),
  );
});

test('what never came back says so, and what it was lost for', t => {
  const [title, ...rest] = told([outage('a', 20.125, undefined), outage('b', 20.25, undefined)]);
  t.is(title, 'underlay start → a and b never restored');
  t.is(
    rest[rest.length - 1],
    '10 packets lost until the end of the run: no carrier at gw1 underlay. Nothing that happened led out of it.',
  );
});

test('the wait of the sender is a link as well', t => {
  t.is(slowestLink(links, seconds(30)).event, 'flow restored');
  t.is(slowestLink(links, seconds(30)).took, milliseconds(7250));
});

test('no line is wider than the terminal', t => {
  for (const text of told([outage('a', 20.125, 22.875), outage('b', 20.25, 23)], 90)) t.true(text.length <= 90, text);
});

test('advice points at pages that are there', t => {
  for (const page of advicePages) t.true(existsSync(join(process.cwd(), 'docs', page)), page);
});
