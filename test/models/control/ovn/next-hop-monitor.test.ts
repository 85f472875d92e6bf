import test from 'ava';
import {milliseconds, never, seconds, toSeconds, type Time} from '../../../../engine/time.ts';
import type {Plan} from '../../../../models/control/ovn/iteration.ts';
import {NextHopMonitor} from '../../../../models/control/ovn/next-hop-monitor.ts';
import {HostProfile} from '../../../../models/daemons/host-profile.ts';
import {Host} from '../../../../models/daemons/host.ts';
import {nextHopBfdDefaults} from '../../../../models/protocols/next-hop-bfd.ts';
import {HeartbeatLosses} from '../../../../models/tables/heartbeat-losses.ts';
import {bfdKey, bfdStatus, type WatchedNextHop} from '../../../../models/tables/next-hops.ts';
import {makeOpenFlowChannel, type PacketOut} from '../../../../models/tables/openflow-channel.ts';
import type {BfdControl, BfdState} from '../../../../models/wire/bfd.ts';
import type {Frame} from '../../../../models/wire/frame.ts';
import {bfdPacket} from '../../../support/bfd-bench.ts';
import {makeGround} from '../../../support/ground.ts';
import {ip, smallTopology} from '../../../support/small-topology.ts';

const topology = smallTopology({gateways: [['gw1'], ['gw1']], vms: [['cn1'], ['cn1']]});
const addresses = Array.from({length: 12}, (_, index) => ip('10.0.2.100') + index);

/** Next hops of the first router, and one of the second. */
const watched = [...addresses.map(address => row(0, address)), row(1, addresses[0])].map(
  (made, number): WatchedNextHop => ({...made, number, discriminator: 1000 + number, sourcePort: 49_152 + number}),
);

function row(router: number, address: number): WatchedNextHop {
  return {
    number: 0,
    router: topology.routers[router],
    port: topology.routers[router].external!,
    address,
    timers: nextHopBfdDefaults,
    discriminator: 0,
    sourcePort: 0,
    peer: {name: 'upstream', discriminator: 9},
    sentAt: 0,
    peerSentAt: 0,
  };
}

/** A monitor whose thread runs whenever it wishes, with a late timer of 0.1 ms; a test is its main loop. */
class Bench {
  readonly ground = makeGround();
  readonly channel = makeOpenFlowChannel();
  readonly monitor: NextHopMonitor;
  readonly sent: PacketOut[] = [];
  readonly lines: string[] = [];

  constructor() {
    const {ground, channel} = this;
    const late = milliseconds(0.1);
    const host = new Host(ground, 'gw1', new HostProfile('quiet', new Map([['timer', [late, late]]])));
    channel.connected = true;
    channel.onPacketOut = packet => this.sent.push(packet);
    let actor = -1;
    const nextHops = {watched, losses: new HeartbeatLosses()};
    const monitor = new NextHopMonitor(ground, {name: 'gw1', host, channel, nextHops}, () => {
      if (actor >= 0) ground.engine.rearm(actor);
    });
    actor = ground.engine.add({
      get wakeAt(): Time {
        return monitor.wakeAt;
      },
      wake: now => {
        monitor.wake(now);
      },
    });
    this.monitor = monitor;
    this.#rearm = () => {
      ground.engine.rearm(actor);
    };
    ground.journal.listen(({at, kind, detail}) => {
      const {peer, from, to} = detail as {peer: string; from: BfdState; to: BfdState};
      if (kind === 'bfd changed') this.lines.push(`${toSeconds(at).toFixed(3)} ${peer} ${from} → ${to}`);
    });
  }

  readonly #rearm: () => void;

  /** An iteration of the main loop; returns what is written, as number of the next hop and status. */
  run(routers: readonly number[], writable = true): readonly (readonly [number, number])[] {
    const plan: Plan = {full: false, cause: 0, writes: [], holders: new Map()};
    this.monitor.run(new Set(routers), writable, plan);
    this.#rearm();
    return plan.writes.map(({key, value}) => [
      watched.findIndex(({router, address}) => bfdKey(router, address) === key),
      value,
    ]);
  }

  until(time: Time): this {
    this.ground.engine.advance(time + 1);
    return this;
  }

  hear(number: number, changes: Partial<BfdControl>): this {
    const timers = {detectMult: 5, desiredMinTx: seconds(1), requiredMinRx: seconds(1)};
    this.monitor.hear(frameOf(watched[number], {yourDiscriminator: 1000 + number, ...timers, ...changes}));
    this.monitor.heardOfSwitch();
    this.#rearm();
    return this;
  }

  /** What was said to a next hop: when it was is not kept. */
  saidTo(number: number): readonly BfdState[] {
    return this.sent.flatMap(({router, frame: {payload}}) => {
      const {router: wanted, address} = watched[number];
      if (router !== wanted || payload.kind !== 'ipv4' || payload.destination !== address) return [];
      const {payload: udp} = payload;
      return udp.kind === 'udp' && udp.payload.kind === 'bfd' ? [udp.payload.state] : [];
    });
  }
}

function frameOf({address, port}: WatchedNextHop, packet: Partial<BfdControl>): Frame {
  return {
    source: 0,
    destination: port.mac,
    vlan: undefined,
    payload: {
      kind: 'ipv4',
      source: address,
      destination: port.address,
      ttl: 255,
      tos: 0,
      identification: 0,
      dontFragment: false,
      payload: {
        kind: 'udp',
        sourcePort: 49_152,
        destinationPort: 3784,
        checksummed: true,
        payload: bfdPacket(packet),
      },
    },
  };
}

const last = watched.length - 1;

test('the sessions of a router run where its gateway port is active, and say nothing until the second iteration', t => {
  const b = new Bench();
  b.run([0]);
  b.until(seconds(3));
  t.deepEqual(b.sent, []);
  b.run([0]);
  b.until(seconds(3) + milliseconds(10));
  t.deepEqual([b.saidTo(0), b.saidTo(11), b.saidTo(last)], [['down'], ['down'], []]);
});

test('a session ends without a word where the port is no longer active, and begins anew when it comes back', t => {
  const b = new Bench();
  b.run([1]);
  b.run([1]);
  b.hear(last, {state: 'down'}).until(seconds(1));
  t.true(b.saidTo(last).includes('init'));
  const before = b.sent.length;
  b.run([]);
  b.until(seconds(20));
  t.is(b.sent.length, before);
  t.is(b.monitor.wakeAt, never);
  b.run([1]);
  b.run([1]);
  b.until(seconds(21));
  t.is(b.sent[before].frame.payload.kind, 'ipv4');
  t.is(b.saidTo(last).at(-1), 'down');
});

test('its packets look as those of ovn-controller', t => {
  const b = new Bench();
  b.run([1]);
  b.run([1]);
  b.until(milliseconds(10));
  const [{router, into, frame}] = b.sent;
  const {port} = watched[last];
  t.deepEqual([router.name, into, frame.source, frame.destination], ['r2', 'router', port.mac, 0xffff_ffff_ffff]);
  const {payload} = frame;
  if (payload.kind !== 'ipv4' || payload.payload.kind !== 'udp') throw new Error('no UDP');
  const {source, destination, ttl, tos, dontFragment} = payload;
  t.deepEqual([source, destination, ttl, tos, dontFragment], [port.address, watched[last].address, 255, 0xc0, true]);
  const {sourcePort, destinationPort, checksummed} = payload.payload;
  t.deepEqual([sourcePort, destinationPort, checksummed], [49_152 + last, 3784, false]);
});

test('what a peer says is written at once if the last writing was more than 5 s ago, else when it is', t => {
  const b = new Bench();
  b.run([0]);
  b.run([0]);
  b.until(seconds(6)).hear(0, {state: 'down'});
  t.is(b.monitor.writeAt, seconds(6) + 1);
  t.deepEqual(b.run([0]), [[0, bfdStatus('init')]]);
  b.hear(1, {state: 'down'});
  t.is(b.monitor.writeAt, never);
  b.until(seconds(9)).hear(0, {state: 'down'}).hear(1, {state: 'down'}).until(seconds(12));
  t.true(b.monitor.writeAt > seconds(11) && b.monitor.writeAt < seconds(12));
  t.deepEqual(b.run([0]), [[1, bfdStatus('init')]]);
});

test('ten changes are written together at once', t => {
  const b = new Bench();
  b.run([0]);
  b.run([0]);
  b.until(seconds(1));
  for (let number = 0; number < 9; number++) b.hear(number, {state: 'down'});
  t.is(b.monitor.writeAt, never);
  b.hear(9, {state: 'down'});
  t.is(b.monitor.writeAt, seconds(1) + 1);
  t.is(b.run([0]).length, 10);
  t.deepEqual(b.run([0]), []);
});

test('any iteration writes what has changed, asked or not, if it can write', t => {
  const b = new Bench();
  b.run([0]);
  b.run([0]);
  b.until(seconds(1)).hear(3, {state: 'down'});
  t.deepEqual(b.run([0], false), []);
  t.deepEqual(b.run([0]), [[3, bfdStatus('init')]]);
});

test('silence is found out with the next packet after the detection time, and written at once', t => {
  const b = new Bench();
  b.run([1]);
  b.run([1]);
  b.hear(last, {state: 'down'}).until(milliseconds(300)).hear(last, {state: 'init'});
  t.deepEqual(b.run([1]), [[last, bfdStatus('up')]]);
  b.until(seconds(5));
  t.is(b.monitor.writeAt, never);
  b.until(seconds(7));
  const down = b.lines.find(line => line.includes('up → down'));
  const at = Number(down?.split(' ')[0]);
  t.true(at >= 5.3 && at < 6.4, down);
  t.true(Math.abs(b.monitor.writeAt - seconds(at)) < milliseconds(1));
  t.deepEqual(b.run([1]), [[last, bfdStatus('down')]]);
});

test('without a switch it neither speaks nor looks at the clock', t => {
  const b = new Bench();
  b.run([1]);
  b.run([1]);
  b.hear(last, {state: 'down'}).until(milliseconds(300)).hear(last, {state: 'init'}).until(seconds(1));
  b.channel.connected = false;
  const before = b.sent.length;
  b.until(seconds(60));
  t.is(b.sent.length, before);
  t.false(b.lines.some(line => line.includes('up → down')));
  b.channel.connected = true;
  b.run([1]);
  b.until(seconds(60) + milliseconds(10));
  t.true(b.lines.at(-1)?.includes('up → down'));
});

test('a session hears only its own next hop, for its own router, under its own discriminator', t => {
  const b = new Bench();
  b.run([0, 1]);
  b.run([0, 1]);
  b.hear(0, {state: 'down', yourDiscriminator: 1001}).hear(0, {state: 'down', yourDiscriminator: 1000 + last});
  t.deepEqual(b.lines, []);
  b.hear(last, {state: 'down'});
  t.is(b.lines.length, 1);
  t.true(b.lines[0].includes('of r2'));
});
