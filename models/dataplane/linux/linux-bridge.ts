import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import {kernelClock} from '../../protocols/ageing-clock.ts';
import type {Frame} from '../../wire/frame.ts';
import {isGroupMac, type Mac} from '../../wire/mac.ts';
import {copyCounter} from '../flood-copies.ts';
import {FloodMemory} from '../flood-memory.ts';
import {flood} from '../flood.ts';
import {MacLearner} from '../mac-learner.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import {fittedTo} from './bridge-mtu.ts';

export type LinuxBridgeSettings = {
  readonly host: string;
  readonly name: string;
  readonly ageing: Time;
  readonly kernelPhase: Time;
  /** `bridge-nf-call-iptables`: whether packets are put together for iptables and cut again after it. */
  readonly callsIptables: boolean;
  /** Undefined: nothing looks at frames. */
  readonly filter?: BridgeFilter;
};

/** What looks at frames on their way through a bridge (br_netfilter, ebtables). */
export type BridgeFilter = {
  /** PREROUTING of a frame that came in by a port; a verdict if it goes no further. */
  enter(port: string, frame: Frame, passage: Passage): Crossing | Verdict;
};

/** A frame that has entered: each copy may leave, and when all have it ends. */
export type Crossing = {
  /** FORWARD and POSTROUTING of a copy; a verdict if it does not leave by the port. */
  leave(port: string, passage: Passage): Verdict | undefined;
  end(passage: Passage): void;
};

/** Where frames go that leave a bridge by one of its ports. */
export type BridgeExit = (frame: Frame, passage: Passage) => Verdict;

type Port = {readonly name: string; readonly mtu: number; readonly exit: BridgeExit};

/** A bridge of the Linux kernel: it learns where MACs are and floods what it does not know (net/bridge). */
export class LinuxBridge {
  readonly name: string;
  readonly place: string;
  readonly #ground: Ground;
  readonly #filter: BridgeFilter;
  /** By number; a number is not given again. */
  readonly #ports = new Map<number, Port>();
  /** Which ports there are. */
  readonly #portsFact: Fact;
  readonly #macs: MacLearner;
  readonly #callsIptables: boolean;
  readonly #floods: FloodMemory<Port>;
  #numbers = 0;

  constructor(ground: Ground, {host, name, ageing, kernelPhase, callsIptables, filter = open}: LinuxBridgeSettings) {
    this.#callsIptables = callsIptables;
    this.#ground = ground;
    this.#filter = filter;
    this.name = name;
    this.place = `${host} ${name}`;
    this.#portsFact = ground.ledger.add();
    this.#floods = new FloodMemory(ground);
    this.#macs = new MacLearner(ground, {
      place: this.place,
      ageing,
      since: ground.engine.now,
      clock: kernelClock(kernelPhase),
      portName: port => this.#ports.get(port)?.name ?? 'a port that is gone',
    });
  }

  /** Names of the ports, in the order in which they were added. */
  get ports(): readonly string[] {
    return [...this.#ports.values()].map(({name}) => name);
  }

  /** What it has learnt, as `bridge fdb` shows it. */
  learnt(): readonly {readonly mac: Mac; readonly port: string; readonly lastSeenAt: Time}[] {
    return [...this.#macs.entries()].map(([mac, port]) => ({
      mac,
      port: this.#ports.get(port)?.name ?? '',
      lastSeenAt: this.#macs.lastSeenAt(mac),
    }));
  }

  /** Adds a port and returns the number under which frames come in by it. */
  addPort(name: string, mtu: number, exit: BridgeExit): number {
    const number = this.#numbers++;
    this.#ports.set(number, {name, mtu, exit});
    this.#portsChanged();
    return number;
  }

  /** Removes a port, and what was known behind it. */
  removePort(name: string): void {
    for (const [number, port] of this.#ports) {
      if (port.name !== name) continue;
      this.#macs.flush(number);
      this.#ports.delete(number);
      this.#portsChanged();
    }
  }

  /** The link of a port went down: what was known behind it is forgotten at once. */
  linkDown(name: string): void {
    for (const [number, port] of this.#ports) if (port.name === name) this.#macs.flush(number);
  }

  /** A frame comes in by a port. */
  receive(from: number, frame: Frame, passage: Passage): Verdict {
    const crossing = this.#filter.enter(this.#ports.get(from)?.name ?? '', frame, passage);
    if ('kind' in crossing) return crossing;
    this.#macs.learn(frame.source, from, passage);
    const verdict = this.#forward(from, frame, crossing, passage);
    crossing.end(passage);
    return verdict;
  }

  #forward(from: number, frame: Frame, crossing: Crossing, passage: Passage): Verdict {
    if (isGroupMac(frame.destination)) return this.#flood(from, frame, crossing, passage);
    const number = this.#macs.lookup(frame.destination, passage);
    const to = number === undefined ? undefined : this.#ports.get(number);
    if (!to) return this.#flood(from, frame, crossing, passage);
    if (number === from) return dropped('learnt on the port it came from', this.place);
    return crossing.leave(to.name, passage) ?? this.#leave(to, frame, passage);
  }

  #flood(from: number, frame: Frame, crossing: Crossing, passage: Passage): Verdict {
    passage.rely(this.#portsFact);
    const incoming = this.#ports.get(from);
    const others = [...this.#ports.values()].filter(port => port !== incoming);
    if (others.length === 0) return dropped('flooded in vain', this.place);
    const count = copyCounter(this.#ground, this.place, frame, passage);
    const send = (port: Port): Verdict => {
      count();
      return crossing.leave(port.name, passage) ?? this.#leave(port, frame, passage);
    };
    return crossing === unseen
      ? this.#floods.flood(frame, others, port => port, send, this.place, passage)
      : flood(others, send, this.place, passage);
  }

  /** Why a port came or went is no cause of what becomes of copies to the others. */
  #portsChanged(): void {
    this.#ground.ledger.changed(this.#portsFact, 0);
  }

  #leave({mtu, exit}: Port, frame: Frame, passage: Passage): Verdict {
    const fitted = fittedTo(mtu, frame, this.#callsIptables);
    return fitted ? exit(fitted, passage) : dropped('larger than the mtu', this.place);
  }
}

/** What no filter looks at. */
export const unseen: Crossing = {leave: () => undefined, end: () => undefined};

/** Lets everything through. */
const open: BridgeFilter = {enter: () => unseen};
