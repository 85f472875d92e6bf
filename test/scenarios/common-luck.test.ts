import test from 'ava';
import {makePlan} from '../../scenarios/make-plan.ts';
import {libraryNames, readLibrary} from '../support/library.ts';
import {scenarioOf, smallCloud} from './scenario-files.ts';

/*
 * Sweeps compare settings under common random numbers: whatever a seed draws is the same for all that the settings leave
 * as it is.
 */

const cloud = `${smallCloud}vms:
  vm[1..20]: {network: private, placement: random}
traffic:
  pairs: {from: all vms, to: any vm}
faults:
  down: {break: chassis, of: gw1, at: 20s + random 5s, for: 1s + random 1s}
  flap: {break: link, of: gw2, nic: underlay, at: 1s + random 1s, for: 2s, repeat: {every: 10s, times: 3}}
`;

const seeds = [1, 2, 7] as const;

test('timers, hosts and expectations change no placement, no partner and no instant', t => {
  for (const setting of [
    'bfd-mult=9',
    'bfd-min-rx=200ms',
    'host=busy',
    'expect=[]',
    'segments={underlay: {loss: 3%}}',
  ]) {
    for (const seed of seeds) {
      const [plan, other] = [[], [setting]].map(settings => makePlan(scenarioOf(cloud, settings), seed));
      t.deepEqual(other.vms, plan.vms, setting);
      t.deepEqual(other.flows, plan.flows, setting);
      t.deepEqual(other.faults, plan.faults, setting);
    }
  }
});

test('a fault changed, added or left out changes the instants of no other', t => {
  const changes = [
    'faults.flap={break: chassis, of: cn1, at: 3s + random 9s}',
    'faults.new={break: chassis, of: cn1, at: 3s + random 9s}',
  ];
  for (const seed of seeds) {
    const {faults, vms, flows} = makePlan(scenarioOf(cloud), seed);
    for (const change of changes) {
      const other = makePlan(scenarioOf(cloud, [change]), seed);
      t.deepEqual(
        other.faults.find(({name}) => name === 'down'),
        faults[0],
      );
      t.deepEqual([other.vms, other.flows], [vms, flows]);
    }
  }
});

test('a fault strikes at the same instants however long it lasts and however often it comes', t => {
  for (const seed of seeds) {
    const instantsOf = (...settings: readonly string[]) =>
      makePlan(scenarioOf(cloud, settings), seed).faults[1].occurrences.map(({at}) => at);
    const instants = instantsOf();
    t.is(instants.length, 3);
    t.deepEqual(instantsOf('faults.flap.for=3s'), instants);
    t.deepEqual(instantsOf('faults.flap.for=2s + random 1s'), instants);
    t.deepEqual(instantsOf('faults.flap.repeat.times=2'), instants.slice(0, 2));
    t.deepEqual(
      instantsOf('faults.flap.repeat.every=11s'),
      instants.map((at, index) => at + index * 1_000_000),
    );
  }
});

test('VMs and traffic added at the end leave the luck of the others as it is', t => {
  for (const seed of seeds) {
    const {vms, flows} = makePlan(scenarioOf(cloud), seed);
    const more = ['vms.late[1..5]={network: private, placement: random}', 'traffic.more={from: all vms, to: outside}'];
    const other = makePlan(scenarioOf(`${cloud}`, [more[1]]), seed);
    t.deepEqual(other.flows.slice(0, flows.length), flows);
    t.deepEqual(makePlan(scenarioOf(cloud, [more[0]]), seed).vms.slice(0, vms.length), vms);
  }
});

test('no scenario of the library meets other luck under other timers', t => {
  for (const name of libraryNames) {
    const [first, other] = [[], ['duration=200s', 'host=quiet']].map(settings =>
      makePlan(readLibrary(name, settings), 3),
    );
    t.deepEqual(other.vms, first.vms, name);
    t.deepEqual(
      other.flows.map(({name: flow}) => flow),
      first.flows.map(({name: flow}) => flow),
    );
    for (const [index, {occurrences}] of first.faults.entries()) {
      const instants = other.faults[index].occurrences.map(({at}) => at);
      t.deepEqual(instants.slice(0, occurrences.length), occurrences.map(({at}) => at).slice(0, instants.length), name);
    }
  }
});
