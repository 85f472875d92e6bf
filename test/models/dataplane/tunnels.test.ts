import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {Nic} from '../../../models/dataplane/nic.ts';
import {Segment} from '../../../models/dataplane/segment.ts';
import {Passage, type Verdict} from '../../../models/dataplane/passage.ts';
import {Tunnels} from '../../../models/dataplane/tunnels.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Mac} from '../../../models/wire/mac.ts';
import {makeGround, passUntil} from '../../support/ground.ts';
import {ip} from '../../support/small-topology.ts';

const own = ip('192.168.0.10');
const other = ip('192.168.0.11');
const mac: Mac = 0x0a_00_01_00_00_02;

/** The tunnels of chassis 0, with chassis 1 at the other end, whose MAC is not known. */
function bench() {
  const ground = makeGround();
  const delays = {latency: 50, jitter: 0, mtu: 1500, loss: 0, ageing: seconds(300)};
  const segment = new Segment(ground, {
    name: 'underlay',
    kind: 'underlay',
    ...delays,
    trunk: undefined,
    knownMacsOnly: false,
  });
  const nic = new Nic(ground, 'cn1', 'underlay', 0x0a_00_01_00_00_01, own, segment);
  const tunnels = new Tunnels(ground, 0, nic, {
    addressOf: () => other,
    chassisAt: address => (address === other ? 1 : undefined),
  });
  tunnels.add(1, true);
  const inner: Frame = {source: 1, destination: 2, vlan: undefined, payload: announcement};
  const send = (): Verdict =>
    tunnels.send(
      1,
      {kind: 'geneve', vni: 1, oam: false, critical: false, ovn: undefined, payload: inner},
      40_000,
      new Passage(ground, {sender: 'test', number: ground.engine.now}),
    );
  return {ground, tunnels, knows: () => !isUnresolved(send())};
}

const announcement: Arp = {
  kind: 'arp',
  operation: 'request',
  senderIp: other,
  senderMac: mac,
  targetIp: other,
  targetMac: 0,
};
const answer: Arp = {...announcement, operation: 'reply', targetIp: own};

const heard: readonly (readonly [string, Arp, boolean])[] = [
  ['an answer to its own request', answer, true],
  ['an answer to somebody else', {...answer, targetIp: own + 5}, false],
  ['a request for its address', {...answer, operation: 'request'}, false],
  ['an announcement that asks', announcement, true],
  ['an announcement that answers', {...announcement, operation: 'reply'}, true],
  ['an announcement without a MAC', {...announcement, senderMac: 0}, false],
  ['an announcement of an address without a tunnel', {...announcement, senderIp: own + 7, targetIp: own + 7}, false],
];

for (const [name, arp, learns] of heard) {
  test(`${name} ${learns ? 'teaches' : 'does not teach'} the MAC of a tunnel end`, t => {
    const {tunnels, knows} = bench();
    t.is(tunnels.hear(arp), learns);
    t.is(knows(), learns);
  });
}

test('a MAC that nobody used for 15 minutes is forgotten', t => {
  const {ground, tunnels, knows} = bench();
  tunnels.hear(answer);
  passUntil(ground, seconds(899));
  t.true(knows());
  passUntil(ground, seconds(899 + 900));
  t.false(knows());
});

test('hearing of a MAC again keeps it, which is nothing new', t => {
  const {ground, tunnels, knows} = bench();
  tunnels.hear(answer);
  passUntil(ground, seconds(899));
  t.false(tunnels.hear(announcement));
  passUntil(ground, seconds(899 + 898));
  t.true(knows());
});

test('hearing of a MAC again after it was forgotten is new', t => {
  const {ground, tunnels, knows} = bench();
  tunnels.hear(answer);
  passUntil(ground, seconds(901));
  t.true(tunnels.hear(announcement));
  t.true(knows());
});

function isUnresolved(verdict: Verdict): boolean {
  return verdict.kind === 'dropped' && verdict.reason === 'tunnel neighbour unresolved';
}
