import {milliseconds, seconds} from '../../../engine/time.ts';
import {LinuxBridge} from '../../../models/dataplane/linux/linux-bridge.ts';
import {Namespace} from '../../../models/dataplane/linux/namespace.ts';
import {VxlanDevice} from '../../../models/dataplane/linux/vxlan-device.ts';
import {Nic} from '../../../models/dataplane/nic.ts';
import {delivered, Passage} from '../../../models/dataplane/passage.ts';
import {Segment} from '../../../models/dataplane/segment.ts';
import {defaultVxlanGroup} from '../../../models/protocols/vxlan-table.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Ipv4} from '../../../models/wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../../models/wire/mac.ts';
import {Lan} from './lan.ts';

export type Mode = 'mcast' | 'her' | 'l2pop' | 'l2pop+proxy';

/** What became of one frame of a VM. */
export type Tally = {
  /** Tunnel packets that left the source's host. */
  copies: number;
  /** Tunnel packets that reached other hosts. */
  arrivals: number;
  /** VMs that got the frame. */
  readonly delivered: number[];
  /** Frames that came back to who sent it. */
  replies: number;
};

type Host = {readonly bridge: LinuxBridge; readonly vxlan: VxlanDevice; readonly vm: number};

/** Hosts numbered from 1 on one underlay, each with a bridge between the VM of its number and a VXLAN device. */
export class Overlay {
  readonly #lan: Lan;
  readonly #hosts = new Map<number, Host>();
  readonly #segment: Segment;
  #tally: Tally = {copies: 0, arrivals: 0, delivered: [], replies: 0};
  #sender = 0;
  #sent = 0;

  constructor(seed: number, mode: Mode, count: number, learning = mode === 'mcast' || mode === 'her') {
    this.#lan = new Lan(seed);
    this.#segment = new Segment(this.#lan.ground, {
      ...{name: 'underlay', kind: 'underlay', latency: 50, jitter: 0, loss: 0, mtu: 1500, ageing: seconds(300)},
      ...{trunk: undefined, knownMacsOnly: false},
    });
    for (let host = 1; host <= count; host++) this.#hosts.set(host, this.#makeHost(host, count, mode, learning));
    for (const [host, {vxlan}] of this.#hosts) {
      for (const other of this.#hosts.keys()) if (other !== host && mode !== 'mcast') list(vxlan, other, mode);
    }
  }

  /** A frame from the VM of `host`, all the way. */
  send(host: number, frame: Frame): Tally {
    this.#tally = {copies: 0, arrivals: 0, delivered: [], replies: 0};
    this.#sender = host;
    const {bridge, vm} = this.#hosts.get(host)!;
    const passage = new Passage(this.#lan.ground, {sender: 'bench', number: this.#sent++});
    passage.finish(bridge.receive(vm, frame, passage));
    this.#lan.pass(milliseconds(100));
    return this.#tally;
  }

  /** An agent lists a MAC elsewhere. */
  relist(host: number, mac: Mac, at: number): void {
    this.#hosts.get(host)!.vxlan.addRemote(mac, endpointOf(at));
  }

  #makeHost(host: number, count: number, mode: Mode, learning: boolean): Host {
    const {ground, kernelPhase, neighbours} = this.#lan;
    const name = `h${host}`;
    const nic = new Nic(ground, name, 'underlay', hostMac(host), endpointOf(host), this.#segment);
    const root = new Namespace(ground, {host: name, name: 'host', kernelPhase, neighbours});
    const device = root.addInterface(
      'underlay',
      {mac: nic.mac, addresses: [{address: nic.address, length: 16}], mtu: 1500},
      nic,
    );
    const everyone = {address: 0xe000_0000, length: 4};
    root.addRoute({prefix: everyone, device: 'underlay', via: undefined, source: undefined});
    // Tunnel ends have long known each other, and the switch between them knows them.
    for (let other = 1; other <= count; other++) device.pin(endpointOf(other), hostMac(other));
    device.announce();
    const settings = {host: name, name: 'br0', ageing: seconds(300), kernelPhase, callsIptables: false};
    const bridge = new LinuxBridge(ground, settings);
    const vxlan = new VxlanDevice(
      ground,
      {
        ...{host: name, vni: 100, mac: 0x0a_00_00_00_0d_00 + host, local: nic.address, learning, kernelPhase},
        neighbours: neighbours.neighbours,
        group: mode === 'mcast' ? defaultVxlanGroup : undefined,
        proxy: mode === 'l2pop+proxy',
        mtu: 1450,
      },
      root,
      bridge,
    );
    root.receive = ({source, payload}, passage) =>
      payload.kind === 'udp' && payload.payload.kind === 'vxlan'
        ? vxlan.receive(payload.payload.payload, source, passage)
        : undefined;
    nic.receiver = (frame, passage) => root.arrive('underlay', frame, passage);
    this.#tap(nic, host);
    const vm = bridge.addPort('vm', 1500, () => {
      if (host === this.#sender) this.#tally.replies++;
      else this.#tally.delivered.push(host);
      return delivered;
    });
    return {bridge, vxlan, vm};
  }

  #tap(nic: Nic, host: number): void {
    for (const direction of ['in', 'out'] as const) {
      nic.addRule(`tap ${direction}`, {
        ...{direction, cause: 0},
        judge: () => {
          if (direction === 'in' && host !== this.#sender) this.#tally.arrivals++;
          if (direction === 'out' && host === this.#sender) this.#tally.copies++;
          return undefined;
        },
      });
    }
  }
}

/** What an agent tells a device of another host. */
function list(vxlan: VxlanDevice, other: number, mode: Mode): void {
  vxlan.addFlood(endpointOf(other));
  if (mode === 'her') return;
  vxlan.addRemote(macOf(other), endpointOf(other));
  if (mode === 'l2pop+proxy') vxlan.addResponder(ipOf(other), macOf(other));
}

/** The MAC and the address of the VM of a host. */
export function macOf(host: number): Mac {
  return 0xfa_16_3e_00_00_00 + host;
}

export function ipOf(host: number): Ipv4 {
  return 0x0a00_0000 + host;
}

function hostMac(host: number): Mac {
  return 0x02_00_00_01_00_00 + host;
}

function endpointOf(host: number): Ipv4 {
  return 0xc0a8_0000 + host;
}

export function arpFrom(host: number, destination: Mac, said: Partial<Arp>): Frame {
  const payload: Arp = {
    ...{kind: 'arp', operation: 'request', senderMac: macOf(host), senderIp: ipOf(host), targetMac: 0, targetIp: 0},
    ...said,
  };
  return {source: macOf(host), destination, vlan: undefined, payload};
}

export function announcementFrom(host: number): Frame {
  return arpFrom(host, broadcastMac, {targetIp: ipOf(host)});
}

export function packetFrom(host: number, destination: Mac): Frame {
  return {
    ...{source: macOf(host), destination, vlan: undefined},
    payload: {
      ...{kind: 'ipv4', source: ipOf(host), destination: 0x0a00_00ff, ttl: 64, tos: 0, identification: 0},
      ...{dontFragment: false, payload: {kind: 'opaque', protocol: 253, size: 64, bytes: undefined}},
    },
  };
}
