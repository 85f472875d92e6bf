import type {Program} from '../../daemons/daemon.ts';
import type {OpenVSwitch} from './open-vswitch.ts';

/** ovs-vswitchd over the kernel's datapath, which goes on without it with the flows that it has. */
export class KernelVswitchd implements Program {
  readonly #switch: OpenVSwitch;

  constructor(among: OpenVSwitch) {
    this.#switch = among;
  }

  die(): void {
    this.#switch.stop();
  }

  start(): void {
    this.#switch.restart();
  }

  freeze(): void {
    this.#switch.stop();
  }

  thaw(): void {
    this.#switch.resume();
  }
}
