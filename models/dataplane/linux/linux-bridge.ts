import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {Frame} from '../../wire/frame.ts';
import {isGroupMac, type Mac} from '../../wire/mac.ts';
import {flood} from '../flood.ts';
import {MacLearner} from '../mac-learner.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';

export type LinuxBridgeSettings = {
  readonly host: string;
  readonly name: string;
  readonly ageing: Time;
  readonly kernelPhase: Time;
};

/** Where frames go that leave a bridge by one of its ports. */
export type BridgeExit = (frame: Frame, passage: Passage) => Verdict;

type Port = {readonly name: string; readonly exit: BridgeExit};

/** A bridge of the Linux kernel: it learns where MACs are and floods what it does not know (net/bridge). */
export class LinuxBridge {
  readonly name: string;
  readonly place: string;
  readonly #ground: Ground;
  /** By number; a number is not given again. */
  readonly #ports = new Map<number, Port>();
  readonly #macs: MacLearner;
  #numbers = 0;

  constructor(ground: Ground, {host, name, ageing, kernelPhase}: LinuxBridgeSettings) {
    this.#ground = ground;
    this.name = name;
    this.place = `${host} ${name}`;
    this.#macs = new MacLearner(ground, {
      place: this.place,
      ageing,
      since: ground.engine.now,
      phase: kernelPhase,
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
  addPort(name: string, exit: BridgeExit): number {
    const number = this.#numbers++;
    this.#ports.set(number, {name, exit});
    return number;
  }

  /** Removes a port, and what was known behind it. */
  removePort(name: string): void {
    for (const [number, port] of this.#ports) {
      if (port.name !== name) continue;
      this.#macs.flush(number);
      this.#ports.delete(number);
    }
  }

  /** The link of a port went down: what was known behind it is forgotten at once. */
  linkDown(name: string): void {
    for (const [number, port] of this.#ports) if (port.name === name) this.#macs.flush(number);
  }

  /** A frame comes in by a port. */
  receive(from: number, frame: Frame, passage: Passage): Verdict {
    this.#macs.learn(frame.source, from, passage);
    if (isGroupMac(frame.destination)) return this.#flood(from, frame, passage);
    const number = this.#macs.lookup(frame.destination, passage);
    const to = number === undefined ? undefined : this.#ports.get(number);
    if (!to) return this.#flood(from, frame, passage);
    if (number === from) return dropped('not addressed to this host', this.place);
    return to.exit(frame, passage);
  }

  #flood(from: number, frame: Frame, passage: Passage): Verdict {
    const copies = [...this.#ports].filter(([number]) => number !== from);
    return flood(
      copies.map(([, {exit}]) => () => {
        passage.count(this.#ground.counters.of(this.place, 'flood copies'));
        return exit(frame, passage);
      }),
      this.place,
      passage,
    );
  }
}
