import type {NeutronPortNumber} from '../../tables/neutron-inventory.ts';

/**
 * Why the devices of a host are there. The L2 agent finds devices by looking, so what made them would be lost between it
 * and whoever made them: the L3 agent, or a VM that boots. No behaviour depends on it.
 */
export class DeviceCauses {
  readonly #causes = new Map<NeutronPortNumber, number>();

  made(port: NeutronPortNumber, cause: number): void {
    this.#causes.set(port, cause);
  }

  whyThere(port: NeutronPortNumber): number {
    return this.#causes.get(port) ?? 0;
  }
}
