import {seconds, toMilliseconds} from '../../../engine/time.ts';
import {portionHead, portionRow} from '../part.ts';
import {neutronBench, plainBench} from './bench.ts';
import {exact, shares, spreads, tracesOf, type Course} from './course.ts';
import {count, ms, portionOf, readRuns, type MeasuredRun} from './measured.ts';
import {spans, type Trace} from './trace.ts';

/** Between what a timer of keepalived's does and what a capture says of it. */
const timers = {grain: 0.05};
const probes = {grain: 1};
/** A probe every 10 ms tells when the client was served again. */
const served = {grain: 10};

const fault = 'fault';

const at = (trace: Trace): number => trace.edge(fault);
const heal = (trace: Trace): number => trace.edge(fault, 'ended');

const downTimePlain = 3609.375;
const linkDown = plainBench({
  faults: `{${fault}: {break: link, of: r1, nic: lan0, at: 10s + random 1s, for: 5.2s + random 1.3s}}`,
  duration: '28s',
});
const blackHole = plainBench({
  faults: `{${fault}: {break: black-hole, of: r1, nic: lan0, at: 10s + random 1s, for: 5s + random 1.6s}}`,
  duration: '30s',
});
const killed = plainBench({
  faults: `{${fault}: {break: keepalived, how: kill, of: r1, at: 10s + random 1s, for: 5.1s + random 1.3s}}`,
  duration: '24s',
});
const stopped = plainBench({
  faults: `{${fault}: {break: keepalived, how: stop, of: r1, at: 10s + random 1s, for: 2.7s + random 0.9s}}`,
  duration: '22s',
});
const split = plainBench({
  faults: `{${fault}: {break: drop, protocol: vrrp, direction: in, of: [r1, r2], nic: lan0, at: 10s + random 1s, for: 6.5s + random 1.2s}}`,
  duration: '32s',
});
const tracked = plainBench({
  words: {r1: 'state: MASTER\n          track-interface: [aux0]'},
  faults: `{${fault}: {break: link, of: r1, nic: aux0, at: 10s + random 1s, for: 2.7s + random 0.9s}}`,
  duration: '16s',
});
const polite = plainBench({
  words: {r1: 'state: BACKUP\n          nopreempt: true'},
  faults: `{${fault}: {break: link, of: r1, nic: lan0, at: 10s + random 1s, for: 4.6s}}`,
  duration: '29s',
});
const cold = neutronBench({
  faults: `{${fault}: {break: keepalived, how: kill, of: [r1, r2, r3], at: 1s + random 2s, for: 1s}}`,
  duration: '14s',
});
const neutronLink = neutronBench({
  faults: `{${fault}: {break: link, of: master of VR_1, nic: all, at: 8s + random 2s, for: 18.6s + random 3.8s}}`,
  duration: '34s',
});
const neutronHole = neutronBench({
  faults: `{${fault}: {break: black-hole, of: master of VR_1, nic: ha0, at: 8s + random 2s, for: 17.6s + random 3s}}`,
  duration: '80s',
  // On the bench in 19 of 20: who has the highest address has won every heal before.
  master: 'r3',
});
const neutronStop = neutronBench({
  faults: `{${fault}: {break: keepalived, how: stop, of: master of VR_1, at: 8s + random 2s, for: 14.8s + random 2s}}`,
  duration: '30s',
});

/** Long enough for both bursts of whoever takes over from r1, which stays away. */
const neutronAlone = neutronBench({
  faults: `{others: {break: keepalived, how: kill, of: [r2, r3], at: 0s}, ${fault}: {break: keepalived, how: kill, of: r1, at: 1s, for: 1s}}`,
  duration: '75s',
});

function firstAdvert(trace: Trace, router: string): number | undefined {
  return trace.adverts(router, at(trace)).find(({priority}) => priority !== 0)?.at;
}

function lastAdvertOf(trace: Trace, router: string, before: number | undefined): number | undefined {
  return trace
    .adverts(router, 0, before)
    .filter(({priority}) => priority !== 0)
    .at(-1)?.at;
}

const routers = ['r1', 'r2', 'r3'];

function oldMaster(trace: Trace): string {
  return trace.captured.filter(({priority}) => priority !== undefined).find(frame => frame.at > 0)?.from ?? '';
}

/** Who became master after the fault, with the time of the first advert, in order. */
function newMasters(trace: Trace): readonly {readonly router: string; readonly at: number}[] {
  const end = heal(trace);
  return routers
    .filter(router => router !== oldMaster(trace))
    .flatMap(router => {
      const [first] = trace.adverts(router, at(trace), end);
      return first ? [{router, at: first.at}] : [];
    })
    .sort((a, b) => a.at - b.at);
}

/** From when both advertise until the loser's last frame. */
function dualOnWire(trace: Trace): readonly number[] {
  const masters = newMasters(trace);
  if (masters.length < 2) return [];
  const begun = masters[1].at;
  const loser = loserOf(trace);
  const last = trace.captured.filter(({from, at: seen}) => from === loser && seen < begun + 100_000).at(-1);
  return spans(begun, last?.at);
}

function loserOf(trace: Trace): string | undefined {
  return newMasters(trace)
    .map(({router}) => router)
    .sort()
    .at(0);
}

const firstNew = (trace: Trace): number | undefined => newMasters(trace).at(0)?.at;

/** Whether the loser's last announcement on the client's LAN came after the winner's last one of that time. */
function isScarred(trace: Trace): boolean {
  const masters = newMasters(trace);
  if (masters.length < 2) return false;
  const until = masters[1].at + 100_000;
  const last = trace
    .garps(at(trace), until)
    .filter(({lan}) => lan === 'lan')
    .at(-1);
  return last?.from === loserOf(trace);
}

/** The same in the bench's rows. */
function isScarredRow(run: MeasuredRun): boolean {
  const frames = run.garp_qr_times.split(' ').map(text => {
    const [from, time] = text.split('@');
    return {from, at: Number(time)};
  });
  const begun = Math.min(...frames.map(frame => frame.at));
  const last = frames
    .filter(frame => frame.at < begun + 0.1)
    .sort((a, b) => a.at - b.at)
    .at(-1);
  return Number(run.n_new_masters) === 2 && last?.from !== run.winner;
}

const yields = (trace: Trace, router: string): readonly number[] =>
  spans(heal(trace), trace.changes(router, heal(trace)).find(({to}) => to === 'backup')?.at);

/** In the seconds after the heal: the burst that a new master put off is not about it. */
const isSilent = (trace: Trace): boolean => trace.garps(heal(trace), heal(trace) + seconds(8)).length === 0;
const hasNone =
  (column: string) =>
  (run: MeasuredRun): boolean =>
    run[column] === '';

export const courses: readonly Course[] = [
  spreads('Cold start, Neutron-like', [], '0b_start_neutron', cold, [
    [
      '"Entering BACKUP (init)" to the first advert of the first master',
      run => ms(run, 'init_to_first_adv_s'),
      trace => {
        const first = trace.captured.find(({priority, at: seen}) => priority !== undefined && seen > heal(trace));
        if (!first) return [];
        const init = trace.changes(first.from, heal(trace)).find(({from}) => from === 'init');
        return spans(init?.at, first.at);
      },
      // The bench read the beginning off the log, which was written up to 20 ms late.
      {grain: 1, lag: 20},
      6804.7,
    ],
  ]),
  spreads('Link down, plain', ['The router sees that its carrier is lost.'], '1a_link_down', linkDown, [
    [
      'fault → first advert of the new master',
      run => ms(run, 't_first_adv_new_s'),
      trace => spans(at(trace), firstAdvert(trace, 'r2')),
      timers,
      3109.4,
    ],
    [
      'last advert of the old → first of the new master',
      run => ms(run, 'last_adv_to_new_adv_s'),
      trace => spans(lastAdvertOf(trace, 'r1', at(trace)), firstAdvert(trace, 'r2')),
      timers,
      downTimePlain,
    ],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes, 311],
    [
      'fault → FAULT',
      run => ms(run, 't_old_fault_state_s'),
      trace => spans(at(trace), trace.changes('r1', at(trace)).find(({to}) => to === 'fault')?.at),
      timers,
    ],
    [
      'link up → first advert of r1, which preempts',
      run => ms(run, 'heal_to_first_adv_r1_s'),
      trace => spans(heal(trace), trace.adverts('r1', heal(trace)).at(0)?.at),
      {grain: 0.15},
      3414.1,
    ],
    [
      'lost probes at preemption',
      run => count(run, 'lost_after_heal'),
      trace => [trace.lost(heal(trace) + seconds(1))],
      {grain: 0},
    ],
  ]),
  spreads('Black hole, plain', ['The port leaves the bridge, carrier stays.'], '1b_black_hole', blackHole, [
    [
      'fault → first advert of the new master',
      run => ms(run, 't_first_adv_new_s'),
      trace => spans(at(trace), firstAdvert(trace, 'r2')),
      timers,
      3109.4,
    ],
    ['after the heal: r2 yields', run => ms(run, 'heal_to_r2_backup_s'), trace => yields(trace, 'r2'), {grain: 0.3}],
    [
      'heal → client served for good, heals without GARP',
      run => (hasNone('garps_after_heal')(run) ? ms(run, 'service_back_after_heal_s') : undefined),
      trace => (isSilent(trace) ? [trace.servedAfter(heal(trace))] : []),
      served,
    ],
    [
      'heal → client served for good, heals with GARPs',
      run => (hasNone('garps_after_heal')(run) ? undefined : ms(run, 'service_back_after_heal_s')),
      trace => (isSilent(trace) ? [] : [trace.servedAfter(heal(trace))]),
      served,
    ],
  ]),
  shares('Black hole, plain: who is told', '1b_black_hole', blackHole, [
    ['heals without any GARP', hasNone('garps_after_heal'), isSilent],
  ]),
  spreads('kill -9 of parent and child', [], '1c_kill9_both', killed, [
    [
      'last advert of the old → first of the new master',
      run => ms(run, 'last_adv_to_new_adv_s'),
      trace => spans(lastAdvertOf(trace, 'r1', at(trace)), firstAdvert(trace, 'r2')),
      timers,
      downTimePlain,
    ],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], {grain: 0}],
    [
      'started again → "Entering BACKUP (init)"',
      run => ms(run, 'heal_to_log_backup_r1_s'),
      trace => spans(heal(trace), trace.changes('r1', heal(trace)).at(0)?.at),
      timers,
    ],
    [
      'started again → first advert of r1, which preempts',
      run => ms(run, 'heal_to_first_adv_r1_s'),
      trace => spans(heal(trace), trace.adverts('r1', heal(trace)).at(0)?.at),
      timers,
    ],
    ['lost probes after that', run => count(run, 'lost_after_heal'), trace => [trace.lost(heal(trace))], {grain: 0}],
  ]),
  spreads('SIGTERM, plain', [], '3a_sigterm', stopped, [
    [
      'SIGTERM → priority 0',
      run => ms(run, 't_prio0_s'),
      trace => spans(at(trace), trace.adverts('r1', at(trace)).find(({priority}) => priority === 0)?.at),
      timers,
    ],
    [
      'priority 0 → first advert of the new master',
      run => (ms(run, 't_first_adv_new_s') ?? NaN) - (ms(run, 't_prio0_s') ?? NaN),
      trace => spans(trace.adverts('r1', at(trace)).find(({priority}) => priority === 0)?.at, firstAdvert(trace, 'r2')),
      timers,
      609.4,
    ],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes, 61],
  ]),
  spreads('Split: both deaf to VRRP', [], '5a_split_both', split, [
    [
      'last advert heard → first of r2',
      run => ms(run, 'last_adv_to_new_adv_s'),
      trace => spans(lastAdvertOf(trace, 'r1', at(trace)), firstAdvert(trace, 'r2')),
      timers,
      downTimePlain,
    ],
    ['heal → r2 yields', run => ms(run, 'heal_to_yield_s'), trace => yields(trace, 'r2'), {grain: 33}],
  ]),
  shares('Split: who is told', '5a_split_both', split, [
    ['heals without any GARP', hasNone('garps_after_heal'), isSilent],
  ]),
  spreads('A tracked interface fails', [], '9a_track_if_fault', tracked, [
    [
      'fault → FAULT',
      run => ms(run, 't_r1_fault_state_s'),
      trace => spans(at(trace), trace.changes('r1', at(trace)).find(({to}) => to === 'fault')?.at),
      timers,
    ],
    [
      'fault → priority 0',
      run => ms(run, 't_prio0_s'),
      trace => spans(at(trace), trace.adverts('r1', at(trace)).find(({priority}) => priority === 0)?.at),
      timers,
    ],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes, 61],
  ]),
  exact('Counts', [
    [
      'tracked interface down: adverts of priority 0',
      readRuns('9a_track_if_fault').map(run => run.prio0_adverts),
      seeds =>
        tracesOf(tracked, seeds).map(
          trace => `${trace.adverts('r1', at(trace), heal(trace)).filter(({priority}) => priority === 0).length}`,
        ),
    ],
    [
      'SIGTERM: adverts of priority 0',
      readRuns('3a_sigterm').map(run => run.prio0_adverts),
      seeds =>
        tracesOf(stopped, seeds).map(
          trace => `${trace.adverts('r1', at(trace), heal(trace)).filter(({priority}) => priority === 0).length}`,
        ),
    ],
    [
      'nopreempt: adverts of the returned r1 in 12 s',
      readRuns('4c_nopreempt').map(run => run.heal_r1_adverts_12s),
      seeds =>
        tracesOf(polite, seeds).map(trace => `${trace.adverts('r1', heal(trace), heal(trace) + seconds(12)).length}`),
    ],
    [
      'GARPs in 12 s, defaults, one address',
      readRuns('8a_garp_default').map(run => run.n_garps),
      seeds => tracesOf(linkDown, seeds).map(trace => `${garpsOfPreemption(trace).length}`),
    ],
    [
      'GARPs in 66 s, Neutron-like, three addresses',
      readRuns('8b_garp_neutron').map(run => run.n_garps),
      seeds =>
        tracesOf(neutronAlone, Math.min(seeds, 20)).map(trace => `${trace.garps(heal(trace), Infinity, 'r1').length}`),
    ],
    [
      'their order',
      readRuns('8b_garp_neutron').map(run => run.burst_order),
      seeds => tracesOf(neutronAlone, Math.min(seeds, 20)).map(trace => orderOf(trace, heal(trace))),
    ],
  ]),
  spreads('The second burst of GARPs, defaults', [], '8a_garp_default', linkDown, [
    [
      'after the first advert',
      run => Number(run.burst_start_s.split(' ')[1]) * 1000,
      trace => {
        const begun = trace.adverts('r1', heal(trace)).at(0)?.at;
        return spans(begun, garpsOfPreemption(trace).at(5)?.at);
      },
      timers,
      5000,
    ],
  ]),
  spreads('Link down, Neutron-like', [], '2a_neutron_link_down', neutronLink, [
    [
      'fault → first advert of a new master',
      run => ms(run, 't_first_adv_new_s'),
      trace => spans(at(trace), firstNew(trace)),
      timers,
      5804.7,
    ],
    [
      'last advert of the old → first of a new master',
      run => ms(run, 'last_adv_to_new_adv_s'),
      trace => spans(lastAdvertOf(trace, oldMaster(trace), at(trace)), firstNew(trace)),
      timers,
      6804.7,
    ],
    ['routers that became master', run => count(run, 'n_new_masters'), trace => [newMasters(trace).length], {grain: 0}],
    ['dual master on the wire', run => ms(run, 'dual_wire_s'), dualOnWire, timers],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes],
  ]),
  shares('Link down, Neutron-like: the race', '2a_neutron_link_down', neutronLink, [
    ['both backups become masters', run => Number(run.n_new_masters) === 2, trace => newMasters(trace).length === 2],
  ]),
  spreads(
    'HA leg in a black hole, data legs alive',
    ['The router with the highest address has been master.'],
    '2c_neutron_ha_black_hole',
    neutronHole,
    [
      ['lost probes before the heal', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes],
      ['after the heal: dual master', run => ms(run, 'dual_master_after_heal_s'), dualAfterHeal, {grain: 0.3}],
      [
        'heal → client served for good, heals without GARP',
        run => (run.garps_qr_after_heal === '' ? ms(run, 'service_back_after_heal_s') : undefined),
        trace => (isSilent(trace) ? [trace.servedAfter(heal(trace))] : []),
        served,
      ],
    ],
  ),
  shares('HA leg in a black hole: the race, and who is told', '2c_neutron_ha_black_hole', neutronHole, [
    ['both backups become masters', run => Number(run.n_new_masters) === 2, trace => newMasters(trace).length === 2],
    ['heals without any GARP', hasNone('garps_qr_after_heal'), isSilent],
  ]),
  spreads('SIGTERM, Neutron-like', [], '3b_neutron_sigterm', neutronStop, [
    [
      'priority 0 → first advert of a new master',
      run => (ms(run, 't_first_adv_new_s') ?? NaN) - (ms(run, 't_prio0_s') ?? NaN),
      trace =>
        spans(trace.captured.find(({priority, at: seen}) => priority === 0 && seen >= at(trace))?.at, firstNew(trace)),
      timers,
      804.7,
    ],
    ['lost probes', run => count(run, 'lost'), trace => [trace.lost(at(trace), heal(trace))], probes],
  ]),
  shares('SIGTERM, Neutron-like: the race', '3b_neutron_sigterm', neutronStop, [
    ['both backups become masters', run => Number(run.n_new_masters) === 2, trace => newMasters(trace).length === 2],
  ]),
  {
    title: 'The scar of the dual master',
    notes: ["Neutron-like, over the three cases: the loser's last announcement comes after the winner's last one."],
    head: ['what', ...portionHead],
    rows: seeds => {
      const runs = ['2a_neutron_link_down', '2c_neutron_ha_black_hole', '3b_neutron_sigterm'].flatMap(readRuns);
      const traces = [neutronLink, neutronHole, neutronStop].flatMap(text => tracesOf(text, seeds));
      return [
        portionRow(
          ['clients point to a router without the address'],
          portionOf(runs.map(isScarredRow)),
          portionOf(traces.map(isScarred)),
        ),
      ];
    },
  },
];

function garpsOfPreemption(trace: Trace) {
  const begun = trace.adverts('r1', heal(trace)).at(0)?.at ?? Infinity;
  return trace.garps(begun, begun + seconds(12), 'r1');
}

function orderOf(trace: Trace, after: number): string {
  const addresses = trace.garps(after).map(({address}) => address);
  return [addresses.slice(0, 15), addresses.slice(15)].map(burst => burst.join(',')).join(' | ');
}

/** Until one of two yields. */
function dualAfterHeal(trace: Trace): readonly number[] {
  const yielded = routers
    .flatMap(router => trace.changes(router, heal(trace)))
    .filter(({from, to}) => from === 'master' && to === 'backup')
    .map(change => change.at);
  return yielded.length === 0 ? [] : [toMilliseconds(Math.min(...yielded) - heal(trace))];
}
