import test from 'ava';
import {onTheWay, VrrpLan} from '../../support/vrrp-lan.ts';
import {ms, s, VrrpBench} from '../../support/vrrp-bench.ts';

/*
 * What our bench saw of keepalived (MEASURED.md B, behaviour 1 to 11), each from the machine alone. What follows from the time that its one
 * thread takes is in the daemon's own tests and in the cases of docs/fidelity.md.
 */

const pair = [
  {address: '10.0.0.11', state: 'master', priority: 150},
  {address: '10.0.0.12', state: 'backup', priority: 100},
] as const;

const equals = {state: 'backup', priority: 50, nopreempt: true, advertInt: s(2), garpMasterDelay: s(60)} as const;

const burst = Array.from({length: 5}, () => 'garp 10.0.0.1');
const garps = (story: readonly string[]): readonly string[] => story.filter(line => line.includes('garp'));

const downTimes = [
  [2, 100, s(1), 3_609_375],
  [2, 150, s(1), 3_414_062],
  [2, 128, s(1), 3_500_000],
  [2, 50, s(2), 6_804_687],
  [2, 50, s(10), 30_804_687],
  [3, 100, s(1), 3_609_375],
  [3, 50, s(2), 7_609_375],
  [3, 254, ms(10), 30_078],
] as const;

for (const [version, priority, advertInt, expected] of downTimes) {
  test(`1: version ${version}, priority ${priority}, every ${advertInt / s(1)} s: it waits ${expected / s(1)} s after the last advert`, t => {
    const bench = new VrrpBench({version, priority, advertInt}).until(ms(7)).hear(255);
    t.is(bench.vrrp.wakeAt, ms(7) + expected);
  });
}

test('2: the next advert is counted from the end of the last one, so that phases drift', t => {
  const bench = new VrrpBench().asMaster();
  const first = bench.vrrp.wakeAt;
  bench.takes = 100;
  bench.until(first + s(3) + ms(1));
  const adverts = bench.take().filter(line => line.endsWith('advert 100'));
  t.deepEqual(
    adverts.map(line => Math.round(Number(line.split(' ')[0]) * s(1)) - first),
    [0, s(1) + 100, s(2) + 200, s(3) + 300],
  );
});

test('3: a router that returns is master when its own down time is over, whatever the lower one says meanwhile', t => {
  for (const state of ['master', 'backup'] as const) {
    const lan = new VrrpLan({...pair[0], state}, pair[1]);
    // It is off until the other one has been master for a while.
    lan.do(0, bench => bench.link('lan0', false)).until(s(10) + ms(321));
    t.deepEqual(lan.masters, [1]);
    lan.do(0, bench => bench.link('lan0', true)).until(s(20));
    const taken = lan.benches[0].take().find(line => line.includes('-> master'));
    t.is(taken?.split(' ')[0], '13.735062', state);
    t.deepEqual(lan.masters, [0]);
  }
});

test('4: carrier loss is no silence: fault and no addresses at once, and from the beginning when it is back', t => {
  const bench = new VrrpBench().asMaster();
  bench.link('lan0', false);
  t.is(bench.vrrp.state, 'fault');
  t.true(bench.said().includes('delete 10.0.0.1'));
  bench.until(bench.now + s(9)).link('lan0', true);
  t.is(bench.vrrp.state, 'backup');
  t.is(bench.vrrp.wakeAt, bench.now + 3_609_375);
});

test('5: who starts takes away what an earlier process left on the interfaces, before anything else', t => {
  const bench = new VrrpBench();
  bench.do((vrrp, now) => {
    vrrp.start(now);
  });
  t.is(bench.said()[0], 'delete 10.0.0.1');
});

test('6: after a split the loser that hears the winner first goes without a word, and nobody announces', t => {
  const lan = new VrrpLan(...pair).deafen(1).deafen(0).until(s(20));
  t.deepEqual(lan.masters, [0, 1]);
  const [winner, loser] = lan.benches.map(({vrrp}) => vrrp.wakeAt);
  // Just before the winner's advert, when the loser's own is further away.
  t.true(winner < loser);
  lan
    .until(winner - 1)
    .deafen(1, false)
    .deafen(0, false);
  lan.until(winner + s(7));
  t.deepEqual(lan.masters, [0]);
  t.deepEqual(garps(lan.storyFrom(winner)), []);
});

test('6: if the winner hears the loser first it says so at once, and again after the delay for lower priorities', t => {
  const lan = new VrrpLan(...pair).deafen(1).deafen(0).until(s(20));
  const [winner] = lan.benches.map(({vrrp}) => vrrp.wakeAt);
  lan.until(winner);
  const loser = lan.benches[1].vrrp.wakeAt;
  lan
    .until(loser - 1)
    .deafen(1, false)
    .deafen(0, false);
  lan.until(loser + s(7));
  t.deepEqual(lan.masters, [0]);
  const story = lan.storyFrom(loser);
  t.deepEqual(story.slice(0, 2), ['2: advert 100', '1: advert 150']);
  t.deepEqual(
    garps(story),
    [...burst, ...burst].map(line => `1: ${line}`),
  );
  const last = lan.benches[0].lines.filter(line => line.includes('garp')).at(-1);
  t.is(Number(last?.split(' ')[0]), (loser + onTheWay + s(5)) / s(1));
});

for (const apart of [0, 1, onTheWay - 1, onTheWay, onTheWay + 1, ms(5)]) {
  test(`7: equal backups whose timers end ${apart} µs apart: ${apart < onTheWay ? 'both masters, then the address' : 'the first one, whatever its address'}`, t => {
    const lan = new VrrpLan(
      {...equals, address: '169.254.192.11'},
      {...equals, address: '169.254.192.12'},
      {...equals, address: '169.254.192.13'},
    );
    // The third has been master, and the second hears its last advert later than the first.
    for (const [index, at] of [
      [0, ms(500)],
      [1, ms(500) + apart],
    ] as const) {
      lan.until(at).do(index, bench => bench.hear(50, '169.254.192.14'));
    }
    lan.do(2, bench => bench.link('lan0', false)).until(s(9));
    const became = lan.benches.map(({lines}) => lines.some(line => line.includes('-> master')));
    t.deepEqual(became, [true, apart < onTheWay, false]);
    t.deepEqual(lan.masters, [apart < onTheWay ? 1 : 0]);
  });
}

test('8: what follows a lower advert is set by the global words, not by garp_master_delay of the instance', t => {
  const bench = new VrrpBench(equals).asMaster().until(s(10));
  bench.take();
  bench.hear(49).until(s(30));
  const at = bench.take().filter(line => line.includes('garp'));
  t.deepEqual(
    at.map(line => Number(line.split(' ')[0])),
    [...burst.map(() => 10), ...burst.map(() => 15)],
  );
});

test('9: two bursts of five in 66 s, the second garp_master_delay after the first advert, and none after that', t => {
  const bench = new VrrpBench(equals).until(s(80));
  const at = bench.take().filter(line => line.includes('garp'));
  t.deepEqual(
    at.map(line => line.split(' ')[0]),
    [...burst.map(() => '6.804687'), ...burst.map(() => '66.804687')],
  );
});

test('10: a failure says priority 0 twice, a stop says it once, and a backup says nothing', t => {
  const zeros = (bench: VrrpBench): number => bench.said().filter(line => line === 'advert 0').length;
  t.is(
    zeros(new VrrpBench({trackInterface: [{name: 'lan1', weight: 0, reverse: false}]}).asMaster().link('lan1', false)),
    2,
  );
  const stop = (bench: VrrpBench): VrrpBench => bench.do(vrrp => vrrp.stop());
  t.is(zeros(stop(new VrrpBench().asMaster())), 1);
  t.is(zeros(stop(new VrrpBench())), 0);
});

test('11: who preempts has the address before the other one gives it up', t => {
  const lan = new VrrpLan(...pair);
  lan.do(0, bench => bench.link('lan0', false)).until(s(10));
  lan.do(0, bench => bench.link('lan0', true)).until(s(20));
  const moved = lan.storyFrom(s(10)).filter(line => /add|delete/.test(line));
  t.deepEqual(moved, ['1: add 10.0.0.1', '2: delete 10.0.0.1']);
});
