import {deviceName} from '../../tables/neutron-inventory.ts';
import type {Frame} from '../../wire/frame.ts';
import {fittedTo} from '../linux/bridge-mtu.ts';
import type {BridgeFilter} from '../linux/linux-bridge.ts';
import type {PortFirewall} from '../linux/port-firewall.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';

export type FilterBridgeSettings = {
  readonly host: string;
  /** Of the port that is filtered. */
  readonly id: string;
  /** Bytes of the largest packet of its devices: that of the network. */
  readonly mtu: number;
  /** `bridge-nf-call-iptables` */
  readonly callsIptables: boolean;
};

/**
 * `qbr…`: a Linux bridge with two ports between a VM and br-int, there for the sake of the filters alone, since those of
 * iptables see nothing of Open vSwitch (iptables_hybrid; os-vif makes it without ageing, so that it learns nothing).
 */
export class FilterBridge {
  readonly #filter: BridgeFilter;
  readonly #tap: string;
  readonly #outside: string;
  readonly #settings: FilterBridgeSettings;

  constructor(firewall: PortFirewall, settings: FilterBridgeSettings) {
    const {id} = settings;
    this.#settings = settings;
    this.#filter = firewall.of(deviceName('qbr', id));
    this.#tap = deviceName('tap', id);
    this.#outside = deviceName('qvb', id);
  }

  /** A frame of the VM. */
  fromDevice(frame: Frame, passage: Passage, goOn: (frame: Frame) => Verdict): Verdict {
    return this.#cross(this.#tap, this.#outside, frame, passage, goOn);
  }

  /** A frame for the VM. */
  toDevice(frame: Frame, passage: Passage, goOn: (frame: Frame) => Verdict): Verdict {
    return this.#cross(this.#outside, this.#tap, frame, passage, goOn);
  }

  #cross(from: string, to: string, frame: Frame, passage: Passage, goOn: (frame: Frame) => Verdict): Verdict {
    const crossing = this.#filter.enter(from, frame, passage);
    if ('kind' in crossing) return crossing;
    const verdict = crossing.leave(to, passage) ?? this.#leave(frame, goOn);
    crossing.end(passage);
    return verdict;
  }

  #leave(frame: Frame, goOn: (frame: Frame) => Verdict): Verdict {
    const {host, id, mtu, callsIptables} = this.#settings;
    const fitted = fittedTo(mtu, frame, callsIptables);
    return fitted ? goOn(fitted) : dropped('larger than the mtu', `${host} ${deviceName('qbr', id)}`);
  }
}
