import test from 'ava';
import {milliseconds, never, seconds} from '../../engine/time.ts';
import type {Breakage, FaultPlan} from '../../models/faults/breakage.ts';
import type {WorldPlan} from '../../models/world/world-plan.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {runPlan} from '../../scenarios/run.ts';
import {Luck} from '../support/luck.ts';
import {scenarioOf} from './scenario-files.ts';

/** Three routers between two LANs, a client that pings and one that goes through them. */
function lansText(host: string, words: string, withScript: boolean, priority = 100): string {
  const router = (number: number, own: number): string => `
  r${number}:
    interfaces: {lan0: {lan: lan, address: 10.0.0.1${number}}, ext0: {lan: ext, address: 172.24.4.1${number}}}
    keepalived:
      vrrp-script: ${number === 3 && withScript ? '{check: {interval: 300ms}}' : '{}'}
      vrrp-instance:
        VI_1:
          interface: lan0
          virtual-router-id: 7
          priority: ${own}
          ${words}
          virtual-ipaddress: [10.0.0.1/24]
          virtual-ipaddress-excluded: [{address: 172.24.4.1/24, dev: ext0}]
          track-script: ${number === 3 && withScript ? '[check]' : '[]'}`;
  return `name: lans
duration: 40s
host: ${host}
lans: {lan: {cidr: 10.0.0.0/24, latency: 10us}, ext: {cidr: 172.24.4.0/24}}
machines:${router(1, priority)}${router(2, 100)}${router(3, 50)}
  client: {interfaces: {eth0: {lan: lan, address: 10.0.0.100}}, gateway: 10.0.0.1}
  server: {interfaces: {eth0: {lan: ext, address: 172.24.4.100}}, gateway: 172.24.4.1}
traffic:
  ping: {from: client, to: 10.0.0.1, protocol: icmp-echo, every: 50ms}
  out: {from: client, to: server, every: 70ms}
`;
}

const words = [
  'advert-int: 1s',
  'nopreempt: true',
  'preempt-delay: 3s',
  'down-timer-adverts: 1',
  'version: 3\n          advert-int: 250ms',
  'garp-master-refresh: 3s',
];

function someBreakage(luck: Luck): Breakage {
  const nics = [luck.pick(['lan0', 'ext0'])];
  const direction = luck.pick(['in', 'out', 'both'] as const);
  const how = luck.pick(['kill', 'stop', 'hang', 'restart', 'kill-child', 'kill-parent', 'reload'] as const);
  return luck.pick<Breakage>([
    {kind: 'link', nics},
    {kind: 'black-hole', nics, direction},
    {kind: 'drop', nics, direction, match: {protocol: 'vrrp', port: undefined}},
    {kind: 'loss', nics, direction, rate: 0.3},
    {kind: 'latency', nics, direction, add: milliseconds(luck.whole(0, 40)), jitter: milliseconds(3)},
    {kind: 'chassis'},
    {kind: 'daemon', daemon: 'keepalived', how},
    {kind: 'daemon', daemon: 'keepalived', how},
    {kind: 'script', script: 'check'},
  ]);
}

function someFault(luck: Luck, number: number): FaultPlan {
  const at = milliseconds(luck.whole(0, 35_000)) + luck.whole(0, 999);
  const until = luck.happens(0.2) ? never : at + milliseconds(luck.whole(1, 9_000));
  const name = luck.pick(['r1', 'r2', 'r3', 'client']);
  const targets = [
    luck.pick<FaultPlan['targets'][number]>([
      {kind: 'chassis', name},
      {kind: 'active gateway', router: 'VI_1'},
    ]),
  ];
  return {name: `fault ${number}`, breakage: someBreakage(luck), targets, occurrences: [{at, until}]};
}

const seeds = Number(process.env.SEEDS ?? 2) * 12;

test('machines on LANs under random faults give the same stepped and skipped', t => {
  for (let seed = 1; seed <= seeds; seed++) {
    const luck = new Luck(`lans ${seed}`);
    const text = lansText(
      luck.pick(['quiet', 'real-time', 'busy']),
      luck.pick(words),
      luck.happens(0.2),
      luck.pick([100, 150]),
    );
    const faults = Array.from({length: luck.whole(1, 8)}, (_, number) => someFault(luck, number));
    const plan: WorldPlan = {...makePlan(scenarioOf(text), seed), faults};
    t.is(runPlan(plan).fingerprint, runPlan(plan, {stepped: true}).fingerprint, `seed ${seed}`);
  }
});

test('adverts of a steady master are counted, and change nothing', t => {
  const plan = {...makePlan(scenarioOf(lansText('real-time', words[0], false)), 1), duration: seconds(1000)};
  const skipped = runPlan(plan);
  const sent = skipped.counters.filter(({name}) => name === 'vrrp adverts sent').map(({value}) => value);
  t.true(Math.max(...sent) > 990, `${sent.join()}`);
  t.is(skipped.fingerprint, runPlan(plan, {stepped: true}).fingerprint);
});
