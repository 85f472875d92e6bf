import type {Time} from '../../../engine/time.ts';
import {MacTable} from '../../../models/protocols/mac-table.ts';
import {
  defaultVxlanAgeingTime,
  defaultVxlanGroup,
  everyMac,
  VxlanTable,
  type VxlanTransmission,
} from '../../../models/protocols/vxlan-table.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Ipv4} from '../../../models/wire/ipv4.ts';
import {broadcastMac, isGroupMac, type Mac} from '../../../models/wire/mac.ts';

export type Mode = 'mcast' | 'her' | 'l2pop' | 'l2pop+proxy';

/** The ports of every bridge. */
const vmPort = 1;
const vxlanPort = 2;

/** What became of one frame of a VM. */
export class Tally {
  /** What left the source's host. */
  copies = 0;
  arrivals = 0;
  /** Frames that came out at the ports of VMs, as `vm2`. */
  readonly delivered: string[] = [];
  replies = 0;
}

type Host = {readonly bridge: MacTable; readonly device: VxlanTable};

/** Hosts numbered from 1, each with a bridge between the VM of its number and a VXLAN device; one network. */
export class VxlanNetwork {
  readonly hosts = new Map<number, Host>();
  readonly #now: Time = 0;

  constructor(mode: Mode, count: number, learning = mode === 'mcast' || mode === 'her') {
    for (let host = 1; host <= count; host++) this.hosts.set(host, this.#makeHost(host, mode, learning));
    for (const [host, {device}] of this.hosts) {
      if (mode === 'mcast') device.append(everyMac, defaultVxlanGroup);
      else this.#list(device, host, count, mode !== 'her');
    }
  }

  /** A frame from the VM of `host`, all the way. */
  send(host: number, frame: Frame): Tally {
    const tally = new Tally();
    const {bridge, device} = this.hosts.get(host)!;
    bridge.learn(frame.source, vmPort, this.#now);
    if (this.#portsFor(bridge, frame.destination, vmPort).includes(vxlanPort)) {
      this.#follow(host, frame, device.transmit(frame), tally);
    }
    return tally;
  }

  #follow(host: number, frame: Frame, fate: VxlanTransmission, tally: Tally): void {
    if (fate.kind === 'answered' && this.#arrive(host, fate.reply).length > 0) tally.replies++;
    if (fate.kind !== 'sent') return;
    tally.copies = fate.remotes.length;
    for (const remote of fate.remotes) {
      const members = remote === defaultVxlanGroup ? [...this.hosts.keys()].filter(other => other !== host) : [remote];
      for (const member of members) {
        tally.arrivals++;
        const {device} = this.hosts.get(member)!;
        if (device.receive(frame, host, this.#now).kind === 'taken') {
          tally.delivered.push(...this.#arrive(member, frame));
        }
      }
    }
  }

  /** The device hands the bridge of `host` a frame: which VMs get it. */
  #arrive(host: number, frame: Frame): string[] {
    const {bridge} = this.hosts.get(host)!;
    bridge.learn(frame.source, vxlanPort, this.#now);
    return this.#portsFor(bridge, frame.destination, vxlanPort).map(() => `vm${host}`);
  }

  #portsFor(bridge: MacTable, destination: Mac, from: number): readonly number[] {
    const known = isGroupMac(destination) ? undefined : bridge.lookup(destination);
    return (known === undefined ? [vmPort, vxlanPort] : [known]).filter(port => port !== from);
  }

  #makeHost(host: number, mode: Mode, learning: boolean): Host {
    const settings = {ageingTime: defaultVxlanAgeingTime, phase: 0};
    const unused = {lastSeenAt: () => 0, removed: () => undefined};
    // An agent gives a device the addresses of the VMs on other hosts.
    const neighbour = (address: Ipv4) => {
      const vm = [...this.hosts.keys()].find(other => ipOf(other) === address && other !== host);
      return vm === undefined ? undefined : macOf(vm);
    };
    const device = {...settings, mac: 0xd00 + host, learning, proxy: mode === 'l2pop+proxy'};
    return {bridge: new MacTable(settings, unused, 0), device: new VxlanTable(device, {...unused, neighbour}, 0)};
  }

  #list(device: VxlanTable, host: number, count: number, vms: boolean): void {
    for (let other = 1; other <= count; other++) {
      if (other === host) continue;
      device.append(everyMac, other);
      if (vms) device.replace(macOf(other), other);
    }
  }
}

/** The MAC and the address of the VM of a host; the address of the host itself is its number. */
export function macOf(host: number): Mac {
  return 0xfa163e000000 + host;
}

export function ipOf(host: number): Ipv4 {
  return 0x0a000000 + host;
}

export function arpFrom(host: number, to: Mac, said: Partial<Arp>): Frame {
  const payload: Arp = {
    kind: 'arp',
    operation: 'request',
    senderMac: macOf(host),
    senderIp: ipOf(host),
    targetMac: 0,
    targetIp: ipOf(host),
    ...said,
  };
  return {source: macOf(host), destination: to, vlan: undefined, payload};
}

export function packetFrom(host: number, to: Mac): Frame {
  const payload = {
    kind: 'ipv4',
    source: ipOf(host),
    destination: 0,
    ttl: 64,
    tos: 0,
    identification: 0,
    dontFragment: true,
    payload: {kind: 'opaque', protocol: 112, size: 20, bytes: undefined},
  } as const;
  return {source: macOf(host), destination: to, vlan: undefined, payload};
}

/** `vm1` announces its own address. */
export function announcementFrom(host: number): Frame {
  return arpFrom(host, broadcastMac, {});
}
