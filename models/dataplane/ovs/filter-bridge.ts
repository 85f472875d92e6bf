import {deviceName} from '../../tables/neutron-inventory.ts';
import type {Frame} from '../../wire/frame.ts';
import type {BridgeFilter} from '../linux/linux-bridge.ts';
import type {PortFirewall} from '../linux/port-firewall.ts';
import type {Passage, Verdict} from '../passage.ts';

/**
 * `qbr…`: a Linux bridge with two ports between a VM and br-int, there for the sake of the filters alone, since those of
 * iptables see nothing of Open vSwitch (iptables_hybrid; os-vif makes it without ageing, so that it learns nothing).
 */
export class FilterBridge {
  readonly #filter: BridgeFilter;
  readonly #tap: string;
  readonly #outside: string;

  /** `id`: of the port. */
  constructor(firewall: PortFirewall, id: string) {
    this.#filter = firewall.of(deviceName('qbr', id));
    this.#tap = deviceName('tap', id);
    this.#outside = deviceName('qvb', id);
  }

  /** A frame of the VM. */
  fromDevice(frame: Frame, passage: Passage, goOn: () => Verdict): Verdict {
    return this.#cross(this.#tap, this.#outside, frame, passage, goOn);
  }

  /** A frame for the VM. */
  toDevice(frame: Frame, passage: Passage, goOn: () => Verdict): Verdict {
    return this.#cross(this.#outside, this.#tap, frame, passage, goOn);
  }

  #cross(from: string, to: string, frame: Frame, passage: Passage, goOn: () => Verdict): Verdict {
    const crossing = this.#filter.enter(from, frame, passage);
    if ('kind' in crossing) return crossing;
    const verdict = crossing.leave(to, passage) ?? goOn();
    crossing.end(passage);
    return verdict;
  }
}
