import {never, seconds, toSeconds, type Time} from '../../engine/time.ts';
import type {OwnAddress} from '../../models/protocols/arp-policy.ts';
import type {HostNeighbours} from '../../models/protocols/host-neighbours.ts';
import {neighbourDefaults, type NeighbourSettings} from '../../models/protocols/neighbour-settings.ts';
import {NeighbourTable} from '../../models/protocols/neighbour-table.ts';
import type {NeighbourState} from '../../models/protocols/neighbour.ts';
import type {Arp} from '../../models/wire/arp.ts';
import {formatIpv4, parseIpv4, type Ipv4} from '../../models/wire/ipv4.ts';
import {broadcastMac, formatMac, type Mac} from '../../models/wire/mac.ts';

export const ownMac: Mac = 0x02_00_00_00_00_01;
export const oldMac: Mac = 0x02_00_00_00_00_0a;
export const newMac: Mac = 0x02_00_00_00_00_0b;

export const ip = (text: string): Ipv4 => parseIpv4(text)!;
export const ownIp = ip('10.0.0.1');
export const peerIp = ip('10.0.0.2');

type BenchOptions = {
  readonly settings?: Partial<NeighbourSettings>;
  readonly phase?: Time;
  readonly addresses?: readonly OwnAddress[];
  /** Addresses of the host on other interfaces. */
  readonly elsewhere?: readonly Ipv4[];
  readonly draw?: (count: number) => number;
  readonly tidyAt?: Time;
  readonly redrawAt?: Time;
  readonly host?: HostNeighbours;
  /** Addresses that are routed out of another interface. */
  readonly behind?: readonly Ipv4[];
  readonly rearm?: () => void;
};

/** The neighbours of one interface, and a clock. What goes out and what changes become lines. */
export class NeighbourTableBench {
  readonly lines: string[] = [];
  readonly table: NeighbourTable<string>;
  #now: Time = 0;

  constructor(options: BenchOptions = {}) {
    const {addresses = [{address: ownIp, length: 24}], elsewhere = [], behind = []} = options;
    this.table = new NeighbourTable<string>(
      {...neighbourDefaults, ...options.settings},
      {
        mac: ownMac,
        phase: options.phase ?? 0,
        draw: options.draw ?? (() => 0.5),
        tidyAt: options.tidyAt ?? seconds(10),
        redrawAt: options.redrawAt ?? seconds(100),
      },
      addresses,
      {
        send: (arp, destination) => this.#note(`${describe(arp)} to ${name(destination)}`),
        forward: (packet, to) => this.#note(`sends ${packet} to ${name(to)}`),
        drop: (packet, reason) => this.#note(`drops ${packet}: ${reason}`),
        sizesOf: () => [128],
        changed: (target, from) => {
          const state = this.state(target);
          if (from !== state) this.#note(`${formatIpv4(target)} ${from} → ${state}`);
        },
        overflow: packet => this.#note(`drops ${packet}: table overflow`),
        leavesElsewhere: target => behind.includes(target),
        rearm: () => options.rearm?.(),
        usedAt: () => -1,
        nextUseAt: () => never,
        confirmedAt: () => -1,
        isLocal: address => this.table.addresses.some(own => own.address === address) || elsewhere.includes(address),
        sourceOf: packet => parseIpv4(packet.split(' ').at(-1)!) ?? ownIp,
      },
      options.host,
    );
  }

  get now(): Time {
    return this.#now;
  }

  state(address = peerIp): NeighbourState | 'absent' {
    return this.table.get(address)?.state ?? 'absent';
  }

  mac(address = peerIp): Mac | undefined {
    return this.table.get(address)?.mac;
  }

  until(time: Time): this {
    while (this.table.wakeAt <= time) {
      this.#now = this.table.wakeAt;
      this.table.wake(this.#now);
    }
    this.#now = time;
    return this;
  }

  pass(time: Time): this {
    return this.until(this.#now + time);
  }

  untilState(state: NeighbourState, address = peerIp): this {
    while (this.state(address) !== state) this.until(this.table.wakeAt);
    return this;
  }

  packet(to = peerIp, packet = 'p'): this {
    const mac = this.table.output(to, packet, this.#now);
    if (mac !== undefined) this.#note(`sends ${packet} to ${name(mac)}`);
    return this;
  }

  /** A frame comes in. What is not said is a broadcast request from the peer's new MAC about itself. */
  arp(arp: Partial<Arp>, destination = broadcastMac): this {
    const payload: Arp = {
      kind: 'arp',
      operation: 'request',
      senderMac: newMac,
      senderIp: peerIp,
      targetMac: 0,
      targetIp: peerIp,
      ...arp,
    };
    this.table.hear({source: payload.senderMac, destination, vlan: undefined, payload}, this.#now);
    return this;
  }

  /** The peer answers from its old MAC. */
  reply(senderIp = peerIp): this {
    return this.arp({operation: 'reply', senderMac: oldMac, senderIp, targetMac: ownMac, targetIp: ownIp}, ownMac);
  }

  clear(): this {
    this.lines.length = 0;
    return this;
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#now).toFixed(3)} ${line}`);
  }
}

function describe(arp: Arp): string {
  if (arp.operation === 'reply') return `${formatIpv4(arp.senderIp)} is at ${name(arp.senderMac)}`;
  return `who has ${formatIpv4(arp.targetIp)} tell ${formatIpv4(arp.senderIp)}`;
}

const names = new Map([
  [ownMac, 'own'],
  [oldMac, 'old'],
  [newMac, 'new'],
  [broadcastMac, 'everyone'],
]);

function name(mac: Mac): string {
  return names.get(mac) ?? formatMac(mac);
}
