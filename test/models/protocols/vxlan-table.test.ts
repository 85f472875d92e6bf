import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds, toSeconds, type Time} from '../../../engine/time.ts';
import {jiffiesIn, jiffyAt, kernelAlarm, kernelTimer, phaseSpan} from '../../../models/protocols/timer-wheel.ts';
import {
  defaultVxlanAgeingTime,
  everyMac,
  VxlanTable,
  type VxlanSettings,
} from '../../../models/protocols/vxlan-table.ts';
import type {Ipv4} from '../../../models/wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../../models/wire/mac.ts';
import {arpFrom, ipOf, macOf, packetFrom} from '../../fidelity/kernel/overlays.ts';

const settings: VxlanSettings = {
  mac: 0xd01,
  learning: true,
  proxy: false,
  ageingTime: defaultVxlanAgeingTime,
  phase: 0,
};

/** A device and a clock, with an owner that knows when each MAC was last seen and two neighbours. */
class Device {
  readonly lines: string[] = [];
  readonly table: VxlanTable;
  readonly seen = new Map<Mac, Time>();
  #now: Time = 0;

  constructor(changes: Partial<VxlanSettings> = {}) {
    const port = {
      neighbour: (address: Ipv4) => new Map([2, 3].map(host => [ipOf(host), macOf(host)])).get(address),
      lastSeenAt: (mac: Mac) => this.seen.get(mac)!,
      removed: (mac: Mac, remote: Ipv4) => {
        this.lines.push(`${toSeconds(this.#now).toFixed(3)} forgets ${mac} at ${remote}`);
      },
    };
    this.table = new VxlanTable({...settings, ...changes}, port, 0);
  }

  until(time: Time): this {
    while (this.table.wakeAt <= time) {
      this.#now = this.table.wakeAt;
      this.table.wake(this.#now);
    }
    this.#now = time;
    return this;
  }

  frame(source: Mac, remote: Ipv4): string {
    this.seen.set(source, this.#now);
    const reception = this.table.receive({...packetFrom(1, 1), source}, remote, this.#now);
    return reception.kind === 'taken' ? reception.lesson : reception.reason;
  }
}

function remotesTo(table: VxlanTable, mac: Mac): readonly Ipv4[] | string {
  const fate = table.transmit(packetFrom(1, mac));
  return fate.kind === 'sent' ? fate.remotes : fate.kind;
}

// What comes from the underlay.

test('the first frame from a MAC teaches where it is, the next ones change nothing, one from elsewhere moves it', t => {
  const device = new Device();
  t.deepEqual([device.frame(8, 1), device.frame(8, 1), device.frame(8, 2)], ['new', 'unchanged', 'moved']);
  t.deepEqual(device.table.remotesOf(8), [2]);
  t.false(device.table.isListed(8));
});

test('with nolearning everything is taken and nothing learnt, whatever is listed', t => {
  const device = new Device({learning: false});
  device.table.replace(8, 1);
  t.deepEqual([device.frame(8, 2), device.frame(10, 2)], ['nothing', 'nothing']);
  t.deepEqual([...device.table.entries()], [[8, [1]]]);
});

test('what is listed does not move: a frame from elsewhere is swallowed', t => {
  const device = new Device();
  device.table.replace(8, 1);
  t.is(device.frame(8, 2), 'listed elsewhere');
  t.is(device.frame(8, 1), 'unchanged');
  t.deepEqual(device.table.remotesOf(8), [1]);
});

test("the device's own MAC, groups and nobody are no sources", t => {
  const device = new Device();
  t.is(device.frame(settings.mac, 1), 'own frame');
  t.is(device.frame(broadcastMac, 1), 'no host as source');
  t.is(device.frame(everyMac, 1), 'no host as source');
  t.deepEqual([...device.table.entries()], []);
});

// What comes from the bridge.

test('without an entry for the MAC or for everyone a frame goes nowhere', t => {
  const {table} = new Device();
  t.deepEqual(table.transmit(packetFrom(1, 8)), {kind: 'swallowed', reason: 'no remote'});
  t.deepEqual(table.transmit(packetFrom(1, broadcastMac)), {kind: 'swallowed', reason: 'no remote'});
});

test('the first of many endpoints gets its copy last', t => {
  const {table} = new Device();
  for (const remote of [1, 2, 3]) table.append(everyMac, remote);
  t.deepEqual(table.transmit(packetFrom(1, 8)), {kind: 'sent', remotes: [2, 3, 1], known: false});
  table.replace(8, 3);
  t.deepEqual(table.transmit(packetFrom(1, 8)), {kind: 'sent', remotes: [3], known: true});
});

test('a group can have an entry of its own', t => {
  const {table} = new Device();
  table.append(everyMac, 1);
  table.append(broadcastMac, 2);
  t.deepEqual(remotesTo(table, broadcastMac), [2]);
  t.deepEqual(remotesTo(table, 0x01005e000012), [1]);
});

test('the proxy answers in the name of a neighbour, straight to who asked', t => {
  const {table} = new Device({proxy: true});
  t.deepEqual(table.transmit(arpFrom(1, broadcastMac, {targetIp: ipOf(2)})), {
    kind: 'answered',
    reply: {
      source: macOf(2),
      destination: macOf(1),
      vlan: undefined,
      payload: {
        kind: 'arp',
        operation: 'reply',
        senderMac: macOf(2),
        senderIp: ipOf(2),
        targetMac: macOf(1),
        targetIp: ipOf(1),
      },
    },
  });
});

test('the proxy answers even an announcement of an address that it still knows', t => {
  const {table} = new Device({proxy: true});
  t.is(table.transmit(arpFrom(1, broadcastMac, {senderIp: ipOf(2), targetIp: ipOf(2)})).kind, 'answered');
});

test('the proxy swallows every other ARP, and nothing else', t => {
  const {table} = new Device({proxy: true});
  table.append(everyMac, 2);
  for (const said of [
    {targetIp: ipOf(9)},
    {targetIp: 0x7f000001},
    {targetIp: 0xe0000012},
    {operation: 'reply', targetIp: ipOf(2)},
  ] as const) {
    t.deepEqual(table.transmit(arpFrom(1, broadcastMac, said)), {kind: 'swallowed', reason: 'arp not answered'});
  }
  t.deepEqual(remotesTo(table, broadcastMac), [2]);
});

// What an agent lists.

test('an endpoint is appended for everyone once, and removed one by one', t => {
  const {table} = new Device();
  t.deepEqual([table.append(everyMac, 1), table.append(everyMac, 2), table.append(everyMac, 1)], [true, true, false]);
  t.deepEqual(table.remotesOf(everyMac), [1, 2]);
  t.deepEqual([table.remove(everyMac, 1), table.remove(everyMac, 1)], [true, false]);
  t.deepEqual(table.remotesOf(everyMac), [2]);
  t.true(table.remove(everyMac, 2));
  t.deepEqual([...table.entries()], []);
});

test('a host has one endpoint: replacing changes it, appending does not, removing names the right one', t => {
  const {table} = new Device();
  t.deepEqual([table.replace(8, 1), table.replace(8, 1), table.replace(8, 2)], [true, false, true]);
  t.false(table.append(8, 3));
  t.deepEqual(table.remotesOf(8), [2]);
  t.deepEqual([table.remove(8, 1), table.remove(8, 2)], [false, true]);
  t.deepEqual(table.remotesOf(8), []);
});

test('what was learnt and is listed afterwards does not age', t => {
  const device = new Device();
  device.frame(8, 1);
  device.frame(10, 1);
  t.true(device.table.replace(8, 2));
  t.true(device.table.append(10, 2));
  t.deepEqual(
    [...device.table.entries()],
    [
      [8, [2]],
      [10, [1]],
    ],
  );
  t.is(device.table.wakeAt, never);
});

test('what many get cannot be replaced', t => {
  const {table} = new Device();
  t.throws(() => table.replace(everyMac, 1), {message: /appended and removed/});
  t.throws(() => table.replace(broadcastMac, 1), {message: /appended and removed/});
});

test('a device that goes down forgets what it learnt and keeps what is listed', t => {
  const device = new Device();
  device.table.append(everyMac, 1);
  device.frame(8, 1);
  device.frame(10, 2);
  device.table.flush();
  t.deepEqual(device.lines, ['0.000 forgets 8 at 1', '0.000 forgets 10 at 2']);
  t.deepEqual([...device.table.entries()], [[everyMac, [1]]]);
});

// Ageing.

test('a MAC that is silent is forgotten 300 s after its last frame or at most 2.048 s later', t => {
  for (let i = 0; i < 200; i++) {
    const phase = (i * 104_729_111) % phaseSpan;
    const device = new Device({phase});
    device.until(seconds(3)).frame(8, 1);
    device.until(seconds(50)).frame(8, 1);
    const [line] = device.until(seconds(400)).lines;
    const lifetime = seconds(Number(line.split(' ')[0])) - seconds(50);
    t.true(lifetime >= seconds(300) && lifetime <= seconds(302.048), line);
  }
});

test('frames keep an entry, whether they were learnt or only counted', t => {
  const stepped = new Device({ageingTime: seconds(15)});
  const counted = new Device({ageingTime: seconds(15)});
  for (let at = 0; at <= seconds(60); at += milliseconds(700)) {
    stepped.until(at).frame(8, 1);
    if (at === 0) counted.frame(8, 1);
    else counted.until(at).seen.set(8, at);
  }
  t.is(stepped.until(seconds(100)).lines.length, 1);
  t.deepEqual(counted.until(seconds(100)).lines, stepped.lines);
});

test('listed entries never age, and with ageing 0 none does', t => {
  const listed = new Device();
  listed.table.replace(8, 1);
  t.is(listed.table.wakeAt, never);
  const ageless = new Device({ageingTime: 0});
  ageless.frame(8, 1);
  t.is(ageless.table.wakeAt, never);
  t.deepEqual(ageless.table.remotesOf(8), [1]);
});

test('passes that can find nothing are skipped, and waking too early does nothing', t => {
  const device = new Device();
  device.frame(8, 1);
  t.true(device.table.wakeAt > seconds(289));
  device.table.wake(seconds(100));
  t.deepEqual(device.table.remotesOf(8), [1]);
});

type Happening = {readonly at: Time; readonly mac: Mac; readonly what: 'frame' | 'listed' | 'unlisted'};

/** The collector as the kernel has it, which passes every 10 s and looks at all entries. */
function collectAll(happenings: readonly Happening[], ageingTime: Time, phase: Time, end: Time): string[] {
  const lines: string[] = [];
  const learnt = new Map<Mac, Time>();
  const listed = new Set<Mac>();
  let next = 0;
  let passAt = kernelTimer(0, seconds(10), phase);
  while (passAt <= end) {
    for (; next < happenings.length && happenings[next].at < passAt; next++) {
      const {at, mac, what} = happenings[next];
      if (what === 'listed') {
        learnt.delete(mac);
        listed.add(mac);
      } else if (what === 'unlisted') listed.delete(mac);
      else if (!listed.has(mac)) learnt.set(mac, at);
    }
    const clock = jiffyAt(passAt, phase);
    let nextPass = clock + 2500;
    for (const [mac, updated] of [...learnt].sort(([a], [b]) => a - b)) {
      const deadline = jiffyAt(updated, phase) + jiffiesIn(ageingTime);
      if (deadline > clock) nextPass = Math.min(nextPass, deadline);
      else {
        learnt.delete(mac);
        lines.push(`${passAt} ${mac}`);
      }
    }
    passAt = kernelAlarm(passAt, nextPass, phase);
  }
  return lines;
}

test('entries go exactly when a collector that passes every 10 s and looks at all of them would take them', t => {
  const happening: fc.Arbitrary<Happening> = fc.record({
    at: fc.integer({min: 0, max: seconds(150)}),
    mac: fc.integer({min: 1, max: 8}).map(macOf),
    what: fc.constantFrom('frame', 'frame', 'frame', 'frame', 'listed', 'unlisted'),
  });
  const runs = fc.record({
    happenings: fc.array(happening, {minLength: 1, maxLength: 40}),
    ageing: fc.constantFrom(1, 4, 10, 25, 60).map(seconds),
    phase: fc.integer({min: 0, max: phaseSpan - 1}),
  });
  fc.assert(
    fc.property(runs, ({happenings, ageing, phase}) => {
      const inOrder = [...happenings].sort((a, b) => a.at - b.at);
      const seen = new Map<Mac, Time>();
      const taken: {at: Time; mac: Mac}[] = [];
      let now = 0;
      const port = {
        neighbour: () => undefined,
        lastSeenAt: (mac: Mac) => seen.get(mac)!,
        removed: (mac: Mac) => taken.push({at: now, mac}),
      };
      const table = new VxlanTable({...settings, ageingTime: ageing, phase}, port, 0);
      const until = (time: Time) => {
        for (; table.wakeAt <= time; table.wake(now)) now = table.wakeAt;
        now = time;
      };
      for (const {at, mac, what} of inOrder) {
        until(at);
        if (what === 'listed') table.replace(mac, 1);
        else if (what === 'unlisted' && table.isListed(mac)) table.remove(mac, 1);
        else if (what === 'frame') {
          seen.set(mac, at);
          table.receive({...packetFrom(1, 1), source: mac}, 1, at);
        }
      }
      until(seconds(300));
      taken.sort((a, b) => a.at - b.at || a.mac - b.mac);
      t.deepEqual(
        taken.map(({at, mac}) => `${at} ${mac}`),
        collectAll(inOrder, ageing, phase, seconds(300)),
      );
    }),
    {numRuns: 1000},
  );
});
