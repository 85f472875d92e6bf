import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {flood} from '../../../models/dataplane/flood.ts';
import {Nic} from '../../../models/dataplane/nic.ts';
import {delivered, Passage, type Verdict} from '../../../models/dataplane/passage.ts';
import {Segment, type SegmentSettings} from '../../../models/dataplane/segment.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {broadcastMac, type Mac} from '../../../models/wire/mac.ts';
import {makeGround} from '../../support/ground.ts';

const here: Mac = 0x0a_00_02_00_00_01;
const there: Mac = 0x0a_00_02_00_00_02;
const guest: Mac = 0x02_00_01_00_00_01;

type Ports = Pick<SegmentSettings, 'trunk' | 'knownMacsOnly'>;

const delays = {latency: 50, jitter: 0, loss: 0, mtu: 1500, ageing: seconds(300)};
const open: Ports = {trunk: undefined, knownMacsOnly: false};

function frameFrom(source: Mac, destination: Mac, vlan: number | undefined): Frame {
  const arp = {operation: 'request', senderIp: 1, senderMac: source, targetIp: 2, targetMac: 0} as const;
  return {source, destination, vlan, payload: {kind: 'arp', ...arp}};
}

/** What becomes of frames that one card sends to another. */
function bench(ports: Ports, ground = makeGround()) {
  const segment = new Segment(ground, {name: 'provider', kind: 'provider', ...delays, ...ports});
  const sender = new Nic(ground, 'cn1', 'provider', here, 0, segment);
  const receiver = new Nic(ground, 'cn2', 'provider', there, 0, segment);
  receiver.receiver = () => delivered;
  let number = 0;
  return (source: Mac, destination: Mac, vlan: number | undefined): Verdict => {
    const passage = new Passage(ground, {sender: 'test', number: number++});
    return sender.transmit(frameFrom(source, destination, vlan), passage);
  };
}

const refused = (reason: string): Verdict => ({kind: 'dropped', reason, place: 'provider'}) as Verdict;

test('a port carries every VLAN unless it is a trunk of some', t => {
  const send = bench(open);
  for (const vlan of [undefined, 1, 7, 4094]) t.deepEqual(send(here, there, vlan), delivered);
});

test('a trunk carries its VLANs, ends included, and untagged frames', t => {
  const ranges = [
    [1001, 2000],
    [7, 7],
  ] as const;
  const send = bench({...open, trunk: ranges});
  for (const vlan of [undefined, 7, 1001, 1500, 2000]) t.deepEqual(send(here, there, vlan), delivered, String(vlan));
  for (const vlan of [1, 6, 8, 1000, 2001, 4094])
    t.deepEqual(send(here, broadcastMac, vlan), refused('vlan not trunked'), String(vlan));
});

test('a port with known MACs only takes frames of its card, and counts what it refuses', t => {
  const ground = makeGround();
  const send = bench({...open, knownMacsOnly: true}, ground);
  t.deepEqual(send(here, there, undefined), delivered);
  t.deepEqual(send(here, broadcastMac, 7), delivered);
  t.deepEqual(send(guest, there, undefined), refused('mac not allowed'));
  t.deepEqual(send(guest, broadcastMac, 7), refused('mac not allowed'));
  t.is(ground.counters.value(ground.counters.of('provider', 'frames refused')), 2);
});

for (const knownMacsOnly of [false, true]) {
  test(`a frame with another's MAC ${knownMacsOnly ? 'teaches the switch nothing' : 'takes its traffic'}`, t => {
    const ground = makeGround();
    const segment = new Segment(ground, {
      name: 'provider',
      kind: 'provider',
      ...delays,
      trunk: undefined,
      knownMacsOnly,
    });
    const cards = [1, 2, 3].map(n => new Nic(ground, `cn${n}`, 'provider', here + n, 0, segment));
    const [owner, thief, other] = cards;
    const send = (from: Nic, source: Mac, destination: Mac): Verdict => {
      const passage = new Passage(ground, {sender: from.host, number: ground.engine.now});
      return from.transmit(frameFrom(source, destination, undefined), passage);
    };
    owner.receiver = () => delivered;
    send(owner, owner.mac, broadcastMac);
    send(thief, owner.mac, broadcastMac);
    t.is(send(other, other.mac, owner.mac).kind, knownMacsOnly ? 'delivered' : 'dropped');
  });
}

test('what would have to go back where it came from is dropped for that, and counts for nothing in a flood', t => {
  const send = bench(open);
  t.deepEqual(send(guest, there, undefined), delivered);
  t.deepEqual(send(here, guest, undefined), refused('learnt on the port it came from'));
  const passage = new Passage(makeGround(), {sender: 'test', number: 0});
  const copies = [refused('learnt on the port it came from'), refused('port down')];
  t.deepEqual(
    flood(copies, copy => copy, 'elsewhere', passage),
    refused('port down'),
  );
  t.deepEqual(
    flood(copies.slice(0, 1), copy => copy, 'elsewhere', passage),
    {kind: 'dropped', reason: 'flooded in vain', place: 'elsewhere'},
  );
});
