import test from 'ava';
import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import {HostNeighbours} from '../../../models/protocols/host-neighbours.ts';
import {jiffy, phaseSpan} from '../../../models/protocols/timer-wheel.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import {ip, NeighbourTableBench, newMac, ownIp, ownMac, peerIp} from '../../support/neighbour-table-bench.ts';

/** An address behind another interface, as a floating address is in a `fip` namespace. */
const floating = ip('10.0.0.99');

/** Jiffies of proxy_delay. */
const delayJiffies = 200;

type ProxyOptions = Omit<ConstructorParameters<typeof NeighbourTableBench>[0] & object, 'draw'> & {
  /** The jiffies that the answers wait, in order. */
  readonly waits?: readonly number[];
};

function proxy({waits = [100], settings, ...options}: ProxyOptions = {}) {
  let drawn = 0;
  const draw = (count: number) =>
    count < 2 ** 31 ? 0.5 : ((waits[drawn++] ?? waits.at(-1) ?? 0) + 0.5) / delayJiffies;
  return new NeighbourTableBench({behind: [floating], ...options, settings: {proxyArp: true, ...settings}, draw});
}

const asks = (b: NeighbourTableBench, senderIp = peerIp, destination = broadcastMac) =>
  b.arp({senderIp, targetIp: floating}, destination);

test('a broadcast request is answered after a part of proxy_delay, its sender is learnt at once', t => {
  const b = asks(proxy({waits: [50]}));
  t.deepEqual(b.lines, ['0.000 10.0.0.2 none → stale']);
  b.clear().until(seconds(10));
  t.deepEqual(b.lines, ['0.204 10.0.0.99 is at own to new']);
});

test('a unicast request is answered at once', t => {
  const b = asks(proxy(), peerIp, ownMac);
  t.deepEqual(b.lines, ['0.000 10.0.0.2 none → stale', '0.000 10.0.0.99 is at own to new']);
  t.is(b.table.wakeAt, never);
});

test('with proxy_delay 0 a broadcast request is too', t => {
  t.is(asks(proxy({settings: {proxyDelay: 0}})).lines.at(-1), '0.000 10.0.0.99 is at own to new');
});

const unanswered: readonly (readonly [string, (b: NeighbourTableBench) => void, ProxyOptions?])[] = [
  ['without proxy_arp', b => asks(b), {settings: {proxyArp: false}}],
  ['for an address that has no route out of another interface', b => b.arp({targetIp: ip('10.0.0.98')})],
  ['from somebody who looks whether the address is free', b => asks(b, 0)],
  ['that comes with an own address as its sender', b => asks(b, ownIp)],
  ['that is a reply', b => b.arp({operation: 'reply', targetIp: floating})],
];

for (const [title, act, options] of unanswered) {
  test(`no answer: ${title}`, t => {
    const b = proxy(options);
    act(b);
    t.is(b.until(seconds(10)).lines.length, 0);
  });
}

test('the answer is thought over when its time comes: none if the route is gone by then', t => {
  const behind = [floating];
  const b = asks(proxy({behind})).clear();
  behind.length = 0;
  t.deepEqual(b.until(seconds(10)).lines, []);
});

test('an address that the host itself has by then is answered as an own one', t => {
  const b = asks(proxy({settings: {arpIgnore: 1}})).clear();
  b.table.setAddresses([...b.table.addresses, {address: floating, length: 32}], b.now);
  t.deepEqual(b.until(seconds(10)).lines, ['0.416 10.0.0.99 is at own to new']);
});

test('proxy_qlen 64: of a hundred requests the first 65 are answered', t => {
  const b = proxy();
  for (let i = 0; i < 100; i++) asks(b, peerIp + i);
  const answers = b.until(seconds(10)).lines.filter(line => line.includes('is at own'));
  t.is(answers.length, 65);
  asks(b.clear()).pass(seconds(1));
  t.is(b.lines.length, 1);
});

for (const [title, act] of [
  ['sets the interface down', (b: NeighbourTableBench) => b.table.linkDown(b.now)],
  ['takes the carrier', (b: NeighbourTableBench) => b.table.carrierLost(b.now)],
  ['takes the last address', (b: NeighbourTableBench) => b.table.setAddresses([], b.now)],
] as const) {
  test(`what ${title} takes the answers that wait`, t => {
    const b = asks(proxy());
    act(b);
    b.clear().until(seconds(10));
    t.deepEqual(b.lines, []);
  });
}

test('a new MAC does not: the answer carries it', t => {
  const b = asks(proxy());
  b.table.changeMac(newMac, b.now);
  t.is(b.until(seconds(10)).lines.at(-1), '0.416 10.0.0.99 is at new to new');
});

test('requests are answered in the order of their times', t => {
  const b = proxy({waits: [60, 20, 40]});
  for (const sender of ['10.0.0.3', '10.0.0.4', '10.0.0.5']) asks(b, ip(sender));
  const answers: Time[] = [];
  while (b.table.wakeAt !== never) {
    b.clear().until(b.table.wakeAt);
    if (b.lines.length > 0) answers.push(b.now);
  }
  t.deepEqual(answers, [84, 164, 244].map(milliseconds));
});

test('one timer serves all: armed anew for a further request it rings closer to the time of the first', t => {
  const alone = asks(proxy({waits: [193]})).clear();
  t.deepEqual(alone.until(seconds(10)).lines, ['0.800 10.0.0.99 is at own to new']);
  const two = asks(proxy({waits: [193, 199]})).until(milliseconds(600));
  asks(two).clear();
  t.is(two.until(seconds(1)).lines[0], '0.776 10.0.0.99 is at own to new');
});

test('the proxy of a full host answers, although it has no room for who asks', t => {
  const host = new HostNeighbours({phase: 0, tidyAt: never}, {gcThresh1: 128, gcThresh2: 1, gcThresh3: 1});
  const b = asks(proxy({host}).packet(ip('10.0.0.3'))).clear();
  t.is(b.state(), 'absent');
  t.deepEqual(b.until(milliseconds(900)).lines, ['0.416 10.0.0.99 is at own to new']);
});

test('answers that are drawn for do not change how long neighbours stay reachable', t => {
  const counts: number[] = [];
  const draw = (count: number) => {
    counts.push(count);
    return 0.5;
  };
  const b = new NeighbourTableBench({behind: [floating], settings: {proxyArp: true}, draw});
  asks(asks(b)).until(seconds(10));
  b.table.reachableTime(seconds(200));
  t.deepEqual(counts, [0, 2 ** 31, 2 ** 31 + 1, 1]);
});

test('broadcast request until answer: measured 0.011–0.828 s, evenly; possible is 0.004–0.828 from the start of a jiffy', t => {
  // h_proxy_arp.csv, 200 requests: quartiles at 0.175, 0.352 and 0.604 s.
  const delays: Time[] = [];
  for (let wait = 0; wait < delayJiffies; wait++) {
    // The request comes in each of the 8 jiffies of the grain that timers have from 0.25 s on.
    for (let offset = 0; offset < 8; offset++) {
      const phase = offset * jiffy - phaseSpan;
      delays.push(asks(proxy({waits: [wait], phase, tidyAt: never})).table.wakeAt);
    }
  }
  delays.sort((a, b) => a - b);
  t.is(delays[0], milliseconds(4));
  t.is(delays.at(-1), milliseconds(828));
  for (const [share, measured] of [
    [0.25, 0.175],
    [0.5, 0.352],
    [0.75, 0.604],
  ] as const) {
    // Three standard errors of a quartile of 200 even draws from 0.8 s.
    const error = 3 * seconds(0.8) * (share === 0.5 ? 0.0354 : 0.0306);
    t.true(Math.abs(delays[Math.floor(share * delays.length)]! - seconds(measured)) < error);
  }
});
