import type {Time} from '../../../engine/time.ts';
import {fatesOf, routers} from '../../support/takeovers.ts';
import {exact, spreads, tracesOf, type Course} from '../keepalived/course.ts';
import {count, ms, readRuns} from '../keepalived/measured.ts';
import {spans, type Captured, type Trace} from '../keepalived/trace.ts';
import {exactHead, exactRow} from '../part.ts';
import {neutronCloud} from './bench.ts';

/** Between what a timer of keepalived's does and what a capture says of it. */
const timers = {grain: 0.05};
/** The same where the last advert is read off what the backup took in. */
const taken = {grain: 0.2};
const probes = {grain: 1};
/** A burst is over in less. */
const burst = 1_000_000;

const crash = neutronCloud({
  faults: '{fault: {break: chassis, of: active gateway of r1, at: 4s + random 2s}}',
  duration: '20s',
});
const stop = neutronCloud({
  faults: '{fault: {break: keepalived, how: stop, of: active gateway of r1, at: 4s + random 2s}}',
  duration: '14s',
});
/** Long enough for both bursts of the only one who can take over. */
const pair = neutronCloud({
  nodes: 2,
  faults: '{fault: {break: chassis, of: active gateway of r1, at: 4s + random 2s}}',
  duration: '80s',
});

const at = (trace: Trace): Time => trace.edge('fault');

/** The first advert of somebody new. */
function firstNew(trace: Trace): Captured | undefined {
  return trace.captured.find(({priority, at: seen}) => (priority ?? 0) > 0 && seen > at(trace) + 10_000);
}

/** When who sent it had last taken in an advert of the old master. */
function lastHeard(trace: Trace): Time | undefined {
  const first = firstNew(trace);
  if (!first) return undefined;
  return trace.changes(first.from, at(trace)).find(({to}) => to === 'master')?.heardAt;
}

function becameMaster(trace: Trace): number {
  const nodes = ['net1', 'net2', 'net3'];
  return nodes.filter(node => trace.changes(node, at(trace)).some(({to}) => to === 'master')).length;
}

/** The addresses of two bursts; the primary one ends with the number that Neutron has drawn for the router. */
function orderOf(trace: Trace): string {
  const frames = trace.garps(at(trace));
  const second = frames.findIndex((frame, index) => index > 0 && frame.at - frames[index - 1].at > burst);
  const named = frames.map(({address}) => address.replace(/^169\.254\.0\.\d+$/, '169.254.0.1'));
  return [named.slice(0, second), named.slice(second)].map(addresses => addresses.join(',')).join(' | ');
}

/** What was measured of a takeover with the same address and no connections, and the flow that does the same here. */
const takeovers: readonly (readonly [string, string, string, 'survives' | 'dies'])[] = [
  ['SNAT keeps ports', 'client → outside', 'UDP upload', 'survives'],
  ['SNAT keeps ports', 'client → outside', 'TCP upload', 'survives'],
  ['SNAT keeps ports', 'outside → client', 'UDP download', 'dies'],
  ['SNAT keeps ports', 'outside → client', 'TCP download', 'dies'],
  ['`--random-fully`', 'client → outside', 'UDP upload', 'dies'],
  ['`--random-fully`', 'client → outside', 'TCP upload', 'dies'],
  ['`--random-fully`', 'outside → client', 'UDP download', 'dies'],
  ['`--random-fully`', 'outside → client', 'TCP download', 'dies'],
];

const takenOver: Course = {
  title: 'Connections after the node where a router is active has crashed, by who speaks first',
  notes: [
    'The bench had two routers with the same SNAT address and no connection state. What comes from another port afterwards has died: it is nobody that the server knows.',
  ],
  head: ['SNAT', 'first packet afterwards', 'flow', ...exactHead],
  rows(seeds) {
    const runs = new Map(
      Object.entries(routers).map(([snat, options]) => [
        snat,
        Array.from({length: Math.min(seeds, 3)}, (_, index) => fatesOf(options, index + 1)),
      ]),
    );
    return takeovers.map(([snat, first, flow, fate]) => {
      const fates = (runs.get(snat) ?? []).map(of => of.get(`VM → outside, SNAT, ${flow}`));
      const seen = fates.map(one => (one === 'goes on' ? 'survives' : 'dies'));
      return exactRow([snat, first, flow], 1, fate, seen);
    });
  },
};

const few = (seeds: number): number => Math.min(seeds, 10);

export const courses: readonly Course[] = [
  spreads(
    'The node where a router is active crashes',
    ['The bench let the carrier of all its interfaces go (`2a_neutron_link_down`).'],
    '2a_neutron_link_down',
    crash,
    [
      [
        'fault → first advert of a new primary',
        run => ms(run, 't_first_adv_new_s'),
        trace => spans(at(trace), firstNew(trace)?.at),
        timers,
        5804.7,
      ],
      [
        'last advert of the old → first of a new primary',
        run => ms(run, 'last_adv_to_new_adv_s'),
        trace => spans(lastHeard(trace), firstNew(trace)?.at),
        taken,
        6804.7,
      ],
      ['nodes that became master', run => count(run, 'n_new_masters'), trace => [becameMaster(trace)], {grain: 0}],
      ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace))], probes],
    ],
  ),
  spreads(
    'keepalived of the primary is told to end',
    ['A node that is taken out of service in order (`3b_neutron_sigterm`).'],
    '3b_neutron_sigterm',
    stop,
    [
      [
        'SIGTERM → priority 0',
        run => ms(run, 't_prio0_s'),
        trace => spans(at(trace), priority0(trace)),
        // The signal goes to the parent, which forks; the bench saw up to 3 ms.
        {grain: 0.2},
      ],
      [
        'priority 0 → first advert of a new primary',
        run => (ms(run, 't_first_adv_new_s') ?? NaN) - (ms(run, 't_prio0_s') ?? NaN),
        trace => spans(priority0(trace), firstNew(trace)?.at),
        timers,
        804.7,
      ],
      ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace))], probes],
    ],
  ),
  exact('Announcements of a new primary, in 66 s', [
    [
      'gratuitous ARPs, three addresses',
      readRuns('8b_garp_neutron').map(run => run.n_garps),
      seeds => tracesOf(pair, few(seeds)).map(trace => `${trace.garps(at(trace)).length}`),
    ],
    [
      'their order',
      readRuns('8b_garp_neutron').map(run => run.burst_order),
      seeds => tracesOf(pair, few(seeds)).map(orderOf),
    ],
    [
      'first advert → second burst, to the ms',
      readRuns('8b_garp_neutron').map(run => wholeMilliseconds(1000 * Number(run.burst_start_s.split(' ')[1]))),
      seeds => tracesOf(pair, few(seeds)).map(trace => wholeMilliseconds(secondBurst(trace))),
    ],
  ]),
  takenOver,
];

function priority0(trace: Trace): Time | undefined {
  return trace.captured.find(({priority, at: seen}) => priority === 0 && seen >= at(trace))?.at;
}

function secondBurst(trace: Trace): number {
  const begun = firstNew(trace)?.at ?? NaN;
  const frame = trace.garps(begun).find(({at: seen}) => seen - begun > burst);
  return spans(begun, frame?.at).at(0) ?? NaN;
}

function wholeMilliseconds(span: number): string {
  return `${Math.floor(span)} ms`;
}
