import {milliseconds, never, seconds, toMilliseconds, type Time} from '../../../engine/time.ts';
import type {LinuxBridge} from '../../../models/dataplane/linux/linux-bridge.ts';
import {delivered, Passage} from '../../../models/dataplane/passage.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {broadcastMac, multicastMac, type Mac} from '../../../models/wire/mac.ts';
import {exactHead, exactRow, rangeRow, spreadHead, type Table} from '../part.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {grouped, readMeasured} from './measured.ts';

const macs = {
  sender: 0x02_00_00_00_00_01,
  known: 0x02_00_00_00_00_02,
  beside: 0x02_00_00_00_00_03,
  unknown: 0x02_00_00_00_00_99,
};

/** Where the bench sent its frames, under its own names. */
const destinations: Readonly<Record<string, Mac>> = {
  'unknown unicast': macs.unknown,
  broadcast: broadcastMac,
  'ipv4 multicast 239.1.1.1 (no querier)': multicastMac(ip('239.1.1.1')),
  'link-local 224.0.0.18 (VRRP)': multicastMac(ip('224.0.0.18')),
  '01:80:c2:00:00:00 (STP, stp off)': 0x01_80_c2_00_00_00,
  'known unicast': macs.known,
  'dst learned on ingress port (hairpin off)': macs.beside,
};

/** How often a bridge copies a frame. */
export function bridgeCopies(): Table {
  return {
    title: 'Bridges: copies of a frame',
    notes: ['A column for each number of ports; none ever goes back to where the frame came from.'],
    head: ['frame', 'ports', ...exactHead],
    rows: readMeasured('d1_flood_copies').map(({ports, kind, copies, back_to_ingress: back}) =>
      exactRow(
        [kind, ports],
        1,
        `${copies}, ${back} back`,
        eachSeed(1, lan => [copiesOf(lan, Number(ports), destinations[kind])]),
      ),
    ),
  };
}

/** Where a bridge takes a MAC to be. */
export function bridgeLearning(seeds: number): Table {
  const few = Math.min(seeds, 5);
  const moved = readMeasured('d2_move');
  const [{post_to_new: toNew, post_to_old: toOld, flooded_other: flooded}] = moved;
  return {
    title: 'Bridges: where a MAC is',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(
        ['the first frame from another port: frames then to the new port, to the old one, flooded'],
        grouped(moved, row => Object.values(row).slice(1).join()).size === 1 ? moved.length : 0,
        `${toNew}, ${toOld}, ${flooded}`,
        eachSeed(few, lan => [afterMove(lan)]),
      ),
      exactRow(
        ['link of the port down: its entries'],
        1,
        'gone at once',
        eachSeed(few, lan => [after(lan, bridge => bridge.linkDown('vm2'))]),
      ),
      exactRow(
        ['port removed: its entries'],
        1,
        'gone at once',
        eachSeed(few, lan => [after(lan, bridge => bridge.removePort('vm2'))]),
      ),
    ],
  };
}

/** How long a bridge takes a host to be where it was, that moved silently and is spoken to all the time. */
export function bridgeAgeing(seeds: number): Table {
  const lateness = (ageing: Time): readonly number[] =>
    eachSeed(seeds, lan => [toMilliseconds(silentMove(lan, ageing) - ageing)]);
  return {
    title: 'Bridges: a host that moved silently, until it gets frames again, in ms after the ageing time',
    notes: [],
    head: ['what', ...spreadHead],
    rows: [
      rangeRow(['ageing 10 s'], {min: 70, max: 240}, lateness(seconds(10)), {grain: probe / 1000}),
      rangeRow(['ageing 300 s'], {min: 750, max: 950}, lateness(seconds(300)), {grain: probe / 1000}),
    ],
  };
}

type Port = {readonly number: number; readonly heard: Frame[]};

function withPorts(bridge: LinuxBridge, count: number): readonly Port[] {
  return Array.from({length: count}, (_, index) => {
    const heard: Frame[] = [];
    const number = bridge.addPort(`vm${index}`, 1500, frame => {
      heard.push(frame);
      return delivered;
    });
    return {number, heard};
  });
}

/** A frame of no matter what comes in by a port. */
function send({ground}: Lan, bridge: LinuxBridge, from: Port, source: Mac, destination: Mac): void {
  const frame: Frame = {
    ...{source, destination, vlan: undefined},
    payload: {
      ...{kind: 'ipv4', source: ip('10.0.0.1'), destination: ip('10.0.0.2'), ttl: 64, tos: 0, identification: 0},
      ...{dontFragment: true, payload: {kind: 'opaque', protocol: 253, size: 10, bytes: undefined}},
    },
  };
  const passage = new Passage(ground, {sender: 'bench', number: 0});
  passage.finish(bridge.receive(from.number, frame, passage));
}

function copiesOf(lan: Lan, count: number, destination: Mac): string {
  const bridge = lan.bridge();
  const ports = withPorts(bridge, count);
  const [first, second] = ports;
  send(lan, bridge, second, macs.known, broadcastMac);
  send(lan, bridge, first, macs.beside, broadcastMac);
  for (const {heard} of ports) heard.length = 0;
  send(lan, bridge, first, macs.sender, destination);
  return `${ports.reduce((sum, {heard}) => sum + heard.length, 0)}, ${first.heard.length} back`;
}

function afterMove(lan: Lan): string {
  const bridge = lan.bridge();
  const ports = withPorts(bridge, 4);
  const [sender, old, next, other] = ports;
  send(lan, bridge, old, macs.known, broadcastMac);
  lan.pass(seconds(1));
  send(lan, bridge, next, macs.known, broadcastMac);
  for (const {heard} of ports) heard.length = 0;
  send(lan, bridge, sender, macs.sender, macs.known);
  return `${next.heard.length}, ${old.heard.length}, ${other.heard.length}`;
}

function after(lan: Lan, act: (bridge: LinuxBridge) => void): string {
  const bridge = lan.bridge();
  const [sender, , behind] = withPorts(bridge, 3);
  send(lan, bridge, sender, macs.sender, broadcastMac);
  send(lan, bridge, behind, macs.known, broadcastMac);
  act(bridge);
  return bridge.learnt().some(({mac}) => mac === macs.known) ? 'still there' : 'gone at once';
}

const probe = milliseconds(10);

/** From the host's last word until it gets a frame at its new port. */
function silentMove(lan: Lan, ageing: Time): Time {
  const bridge = lan.bridge('br0', ageing);
  const [sender, old, next] = withPorts(bridge, 3);
  lan.pass(Math.floor(lan.luck() * ageing));
  send(lan, bridge, old, macs.known, broadcastMac);
  const lastAt = lan.now;
  next.heard.length = 0;
  // Until it may be forgotten a frame a second is as good as a hundred.
  for (let at = lastAt; next.heard.length === 0; at += at < lastAt + ageing - seconds(2) ? seconds(1) : probe) {
    if (at > lastAt + 2 * ageing) return never;
    lan.until(at);
    send(lan, bridge, sender, macs.sender, macs.known);
  }
  return lan.now - lastAt;
}
