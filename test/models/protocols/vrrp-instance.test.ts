import test from 'ava';
import {parseCidr, parseIpv4} from '../../../models/wire/ipv4.ts';
import {ms, s, settingsOf, vip, VrrpBench} from '../../support/vrrp-bench.ts';
import {VrrpTracking, type Health} from '../../../models/protocols/vrrp-tracking.ts';

const burst = Array.from({length: 5}, () => 'garp 10.0.0.1');
const healthy: Health = {isUp: () => true, scriptState: () => 'good'};

test('init, start: a backup that waits the full down time, whatever its state says', t => {
  for (const state of ['master', 'backup'] as const) {
    const bench = new VrrpBench({state, priority: 150});
    t.is(bench.vrrp.state, 'backup');
    t.is(bench.vrrp.wakeAt, 3_414_062);
  }
});

test('init, start of an owner as MASTER: master after a microsecond', t => {
  const bench = new VrrpBench({state: 'master', priority: 255}).until(1);
  t.is(bench.vrrp.state, 'master');
  t.is(new VrrpBench({state: 'master', priority: undefined}).settings.priority, 255);
});

test('init, start of an owner as BACKUP: it waits like any other, for the shortest time', t => {
  t.is(new VrrpBench({state: 'backup', priority: 255}).vrrp.wakeAt, s(3) + 3906);
});

test('init, start with a dead interface: fault, and nothing is waited for', t => {
  const bench = new VrrpBench({down: ['lan0']});
  t.is(bench.vrrp.state, 'fault');
  t.is(bench.vrrp.wakeAt, Infinity);
});

test('backup hears priority 0: it takes over after the skew alone', t => {
  const bench = new VrrpBench().until(s(1)).hear(150).until(ms(1500)).hear(0);
  t.is(bench.vrrp.wakeAt, ms(1500) + 609_375);
  t.deepEqual(bench.until(s(2) + ms(200)).take()[1], '2.109375 advert 100');
});

test('backup hears at least its own priority: the down time begins anew', t => {
  for (const priority of [100, 101, 255]) {
    t.is(new VrrpBench().until(s(2)).hear(priority).vrrp.wakeAt, s(2) + 3_609_375);
  }
});

test('backup hears a lower priority: discarded, its down time runs on', t => {
  t.is(new VrrpBench().until(s(2)).hear(99).vrrp.wakeAt, 3_609_375);
});

test('backup with nopreempt hears a lower priority: the down time begins anew', t => {
  t.is(new VrrpBench({nopreempt: true}).until(s(2)).hear(1).vrrp.wakeAt, s(2) + 3_609_375);
});

test('nopreempt does nothing where the state is MASTER', t => {
  t.is(new VrrpBench({state: 'master', nopreempt: true}).until(s(2)).hear(99).vrrp.wakeAt, 3_609_375);
});

test('backup, down time over: the advert first, then addresses, routes and announcements', t => {
  const bench = new VrrpBench({
    excludedAddresses: [{address: parseIpv4('10.0.1.1')!, length: 24, device: 'lan1', noTrack: true}],
    virtualRoutes: [{prefix: parseCidr('0.0.0.0/0')!, via: parseIpv4('10.0.1.254')!, device: 'lan1', noTrack: true}],
  });
  t.deepEqual(bench.until(s(4)).said(), [
    'backup -> master: no advert',
    'advert 100',
    'add 10.0.0.1',
    'add 10.0.1.1',
    'add route via 10.0.1.254',
    ...Array.from({length: 5}, () => ['garp 10.0.0.1', 'garp 10.0.1.1']).flat(),
  ]);
});

test('master: an advert every interval, five announcements at once and five after five seconds, then none', t => {
  const bench = new VrrpBench().asMaster();
  const begun = bench.now;
  bench.until(begun + s(20));
  const lines = bench.take();
  t.is(lines.filter(line => line.endsWith('advert 100')).length, 20);
  const garps = lines.filter(line => line.includes('garp'));
  t.is(garps.length, 5);
  t.true(garps.every(line => line.startsWith(((begun + s(5)) / s(1)).toFixed(6))));
});

test('master hears priority 0: it advertises at once', t => {
  t.deepEqual(new VrrpBench().asMaster().hear(0).said(), ['advert 100']);
});

test('master hears a lower priority: advert and announcements at once, announcements again after the global delay', t => {
  const bench = new VrrpBench({garpMasterDelay: s(60)}).asMaster();
  const begun = bench.now;
  t.deepEqual(bench.hear(99).said(), ['advert 100', ...burst]);
  const garps = bench
    .until(begun + s(8))
    .take()
    .filter(line => line.includes('garp'));
  t.is(garps.length, 5);
  t.is(garps[0], `${((begun + s(5)) / s(1)).toFixed(6)} garp 10.0.0.1`);
});

test('master hears its own priority: the higher address stays', t => {
  const higher = new VrrpBench().asMaster().hear(100, '10.0.0.11');
  t.is(higher.vrrp.state, 'master');
  t.deepEqual(higher.said(), ['advert 100', ...burst]);
  const lower = new VrrpBench().asMaster().hear(100, '10.0.0.13');
  t.deepEqual(lower.said(), ['master -> backup: 10.0.0.13 is higher', 'delete 10.0.0.1']);
  t.is(lower.vrrp.wakeAt, lower.now + 3_609_375);
});

test('master hears a higher priority: it takes its addresses away and tells nobody', t => {
  const bench = new VrrpBench().asMaster().hear(150);
  t.deepEqual(bench.said(), ['master -> backup: 10.0.0.11 has 150', 'delete 10.0.0.1']);
});

test('master hears its own address and priority: nothing, but its next advert is counted anew', t => {
  const bench = new VrrpBench().asMaster();
  bench.until(bench.now + ms(400)).hear(100, '10.0.0.12');
  t.deepEqual(bench.said(), []);
  t.is(bench.vrrp.wakeAt, bench.now + s(1));
});

test('master, tracked interface down: priority 0 twice, addresses gone, fault', t => {
  const bench = new VrrpBench({trackInterface: [{name: 'lan1', weight: 0, reverse: false}]}).asMaster();
  t.deepEqual(bench.link('lan1', false).said(), [
    'master -> fault: lan1 failed',
    'advert 0',
    'advert 0',
    'delete 10.0.0.1',
  ]);
  t.is(bench.vrrp.dueAt, Infinity);
});

test('backup, own interface down: fault; back: a backup with the full down time', t => {
  const bench = new VrrpBench().until(s(1));
  t.deepEqual(bench.link('lan0', false).said(), ['backup -> fault: lan0 failed']);
  t.deepEqual(bench.until(s(9)).link('lan0', true).said(), ['fault -> backup: lan0 recovered']);
  t.is(bench.vrrp.wakeAt, s(9) + 3_609_375);
});

test('fault: an advert is ignored, and so is a second failure until both are over', t => {
  const bench = new VrrpBench({trackInterface: [{name: 'lan1', weight: 0, reverse: false}]});
  bench.link('lan1', false).link('lan0', false).take();
  t.deepEqual(bench.hear(1).link('lan1', true).said(), []);
  t.is(bench.vrrp.state, 'fault');
  t.is(bench.link('lan0', true).vrrp.state, 'backup');
});

test('version 3: the skew is a share of the interval, and that of the master counts', t => {
  const bench = new VrrpBench({version: 3, advertInt: ms(100), priority: 200});
  t.is(bench.vrrp.wakeAt, ms(300) + 21_875);
  bench.until(ms(50)).hear(201, '10.0.0.11', {advertInterval: ms(500)});
  t.is(bench.vrrp.wakeAt, ms(50) + 3 * ms(500) + 109_375);
});

test('what another interval, version, TTL or other addresses say is not believed', t => {
  const flaws = [
    {advertInterval: s(2)},
    {version: 3 as const},
    {ttl: 254},
    {addresses: []},
    {addresses: [parseIpv4('10.0.0.2')!]},
  ];
  const bench = new VrrpBench().until(s(1));
  for (const flaw of flaws) bench.hear(200, '10.0.0.11', flaw);
  t.deepEqual(bench.said(), [
    'discarded: other interval',
    'discarded: wrong version',
    'discarded: wrong ttl',
    'discarded: other number of addresses',
    'discarded: an address is missing',
  ]);
  t.is(bench.vrrp.wakeAt, 3_609_375);
});

test('two masters of different intervals: the faster one silences the slower one, which never is heard again', t => {
  const bench = new VrrpBench({advertInt: s(2)}).asMaster();
  for (let round = 0; round < 10; round++) bench.until(bench.now + s(1)).hear(50, '10.0.0.11', {advertInterval: s(1)});
  t.deepEqual(
    bench.said().filter(line => line.startsWith('advert')),
    [],
  );
  t.is(bench.vrrp.state, 'master');
});

test('keepalived.conf(5): priority 128 takes over after 3.5 s, and about 5.5 s with preempt_delay 2', t => {
  t.is(new VrrpBench({priority: 128}).vrrp.wakeAt, ms(3500));
  const bench = new VrrpBench({priority: 128, preemptDelay: s(2)});
  for (let at = ms(500); bench.vrrp.state === 'backup'; at += s(1)) {
    bench.until(at);
    if (bench.vrrp.state === 'backup') bench.hear(100);
  }
  const [first] = bench.take();
  const tookOver = Number(first.split(' ')[0]);
  t.true(tookOver >= 4.5 && tookOver <= 6, `${tookOver}`);
});

test('keepalived.conf(5): down_timer_adverts is how many adverts a backup misses before it takes over', t => {
  t.is(new VrrpBench({priority: 128, downTimerAdverts: 1}).vrrp.wakeAt, ms(1500));
  t.is(new VrrpBench({priority: 128, globals: {downTimerAdverts: 5}}).vrrp.wakeAt, ms(5500));
  t.is(new VrrpBench({priority: 128, downTimerAdverts: 1, globals: {downTimerAdverts: 5}}).vrrp.wakeAt, ms(1500));
});

test('preempt_delay: an equal or higher advert stops the delay', t => {
  const bench = new VrrpBench({preemptDelay: s(2)}).until(s(1)).hear(50).until(s(2)).hear(150).until(ms(3500)).hear(50);
  t.is(bench.vrrp.wakeAt, ms(3500) + 3_609_375);
});

test('a script with weight moves the priority, and the down time by the difference', t => {
  const bench = new VrrpBench({trackScript: [{name: 'check', weight: -20, reverse: false}]}).until(s(1));
  t.deepEqual(bench.script('check', 'bad').said(), ['priority 100 -> 80']);
  t.is(bench.vrrp.wakeAt, 3_609_375 + 78_125);
  t.deepEqual(bench.script('check', 'good').said(), ['priority 80 -> 100']);
});

test('a priority that changes after a discarded advert moves the down time by far too much', t => {
  const bench = new VrrpBench({trackScript: [{name: 'check', weight: -20, reverse: false}]}).until(s(3)).hear(50);
  bench.script('check', 'bad');
  t.is(bench.vrrp.wakeAt, 3_609_375 + (3_687_500 - 609_375));
});

test('weights never take a priority out of 1 to 254, nor that of the owner anywhere', t => {
  const heavy = [{name: 'check', weight: 200, reverse: false}];
  t.is(new VrrpBench({trackScript: heavy, scripts: {check: 'good'}}).vrrp.priority, 254);
  const light = [{name: 'check', weight: -200, reverse: false}];
  t.is(new VrrpBench({trackScript: light, scripts: {check: 'bad'}}).vrrp.priority, 1);
  t.is(new VrrpBench({priority: 255, trackScript: light, scripts: {check: 'bad'}}).vrrp.priority, 255);
});

test('an instance whose script has not exited yet stands in FAULT until it has', t => {
  const bench = new VrrpBench({trackScript: [{name: 'check', weight: 0, reverse: false}]});
  t.is(bench.vrrp.state, 'fault');
  t.deepEqual(bench.until(ms(20)).script('check', 'good').said(), ['fault -> backup: check recovered']);
});

test('reverse turns a tracked interface round', t => {
  const trackInterface = [{name: 'lan1', weight: 0, reverse: true}];
  t.is(new VrrpBench({trackInterface}).vrrp.state, 'fault');
  t.is(new VrrpBench({trackInterface, down: ['lan1']}).vrrp.state, 'backup');
});

test('the interfaces of addresses count as tracked, but for those with no_track', t => {
  const other = {...vip, device: 'lan1'};
  t.is(new VrrpBench({excludedAddresses: [other], down: ['lan1']}).vrrp.state, 'fault');
  t.is(new VrrpBench({excludedAddresses: [{...other, noTrack: true}], down: ['lan1']}).vrrp.state, 'backup');
  t.is(new VrrpBench({dontTrackPrimary: true, down: ['lan0']}).vrrp.state, 'backup');
});

test('two owners: the first to hear the other lowers itself and gives way', t => {
  const bench = new VrrpBench({state: 'master', priority: 255}).until(1);
  bench.take();
  t.deepEqual(bench.hear(255, '10.0.0.11').said(), ['master -> backup: 10.0.0.11 has 255', 'delete 10.0.0.1']);
  t.is(bench.vrrp.priority, 254);
});

test('higher_prio_send_advert and lower_prio_no_advert', t => {
  const polite = new VrrpBench({higherPrioSendAdvert: true}).asMaster().hear(150);
  t.is(polite.said()[0], 'advert 100');
  const quiet = new VrrpBench({lowerPrioNoAdvert: true}).asMaster();
  const dueAt = quiet.vrrp.dueAt;
  t.deepEqual(
    quiet
      .until(quiet.now + ms(300))
      .hear(50)
      .said(),
    burst,
  );
  t.is(quiet.vrrp.dueAt, dueAt);
});

test('garp_master_refresh announces with the adverts', t => {
  const bench = new VrrpBench({garpMasterRefresh: s(10), garpMasterDelay: 0}).asMaster();
  const garps = bench
    .until(bench.now + s(35))
    .take()
    .filter(line => line.includes('garp'));
  t.is(garps.length, 3);
});

test('with an interval between announcements one waits for each address, whatever the repeats', t => {
  const second = {...vip, address: vip.address + 1};
  const bench = new VrrpBench({
    virtualAddresses: [vip, second],
    garpMasterDelay: 0,
    globals: {garpInterval: ms(100)},
  });
  const garps = bench
    .until(s(5))
    .take()
    .filter(line => line.includes('garp'));
  t.deepEqual(garps, ['3.609375 garp 10.0.0.1', '3.709375 garp 10.0.0.1', '3.809375 garp 10.0.0.2']);
});

test('a burst that was put off is sent by who is master again, and by nobody else', t => {
  const bench = new VrrpBench().asMaster();
  const begun = bench.now;
  bench.until(begun + s(1)).hear(150);
  const again = bench.until(begun + s(6)).take();
  t.is(again.filter(line => line.includes('garp')).length, 10);
  const other = new VrrpBench().asMaster();
  for (let round = 1; round < 8; round++) other.until(begun + s(round)).hear(150);
  t.deepEqual(
    other.said().filter(line => line.includes('garp')),
    [],
  );
});

test('stop: priority 0 once, routes and addresses go; a backup says nothing', t => {
  t.deepEqual(
    new VrrpBench()
      .asMaster()
      .do(vrrp => vrrp.stop())
      .said(),
    ['advert 0', 'delete 10.0.0.1'],
  );
  t.deepEqual(new VrrpBench().do(vrrp => vrrp.stop()).said(), []);
});

test('reload: a master stays master and advertises at once, new addresses are announced', t => {
  const bench = new VrrpBench().asMaster();
  const settings = settingsOf({virtualAddresses: [{...vip, address: vip.address + 1}], priority: 90});
  bench.until(bench.now + ms(300)).do((vrrp, now) => vrrp.reload(settings, new VrrpTracking(settings, healthy), now));
  t.deepEqual(bench.said(), ['delete 10.0.0.1', 'add 10.0.0.2', ...Array.from({length: 5}, () => 'garp 10.0.0.2')]);
  t.deepEqual(bench.until(bench.now).said(), ['advert 90']);
});

test('reload: a backup waits the full time anew, and bursts put off are lost', t => {
  const backup = new VrrpBench().until(s(3));
  backup.do((vrrp, now) => vrrp.reload(settingsOf(), new VrrpTracking(settingsOf(), healthy), now));
  t.is(backup.vrrp.wakeAt, s(3) + 3_609_375);
  const master = new VrrpBench().asMaster();
  master.do((vrrp, now) => vrrp.reload(settingsOf(), new VrrpTracking(settingsOf(), healthy), now));
  t.deepEqual(
    master
      .until(master.now + s(8))
      .said()
      .filter(line => line.includes('garp')),
    [],
  );
});
