import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Scripts} from '../keepalived/script-runner.ts';
import {delivered, Passage, type Verdict} from '../passage.ts';
import type {Namespace} from './namespace.ts';

/** `ping -c 1 -w 1` */
const deadline: Time = seconds(1);

/**
 * `ha_check_script_….sh` (neutron/agent/linux/keepalived.py, KeepalivedTrackScript): where the router's addresses are it
 * pings the gateways and fails if one does not answer; elsewhere it succeeds.
 */
export class HealthCheck implements Scripts {
  readonly #ground: Ground;
  readonly #namespace: Namespace;
  readonly #configuration: () => KeepalivedConfiguration;
  /** Gateways that have not answered the last pings. */
  readonly #awaited = new Set<Ipv4>();
  #waitsUntil: Time = 0;
  #runs = 0;
  /** The announcement from which follows what became of the last ping. */
  #cause = 0;

  constructor(ground: Ground, namespace: Namespace, configuration: () => KeepalivedConfiguration) {
    this.#ground = ground;
    this.#namespace = namespace;
    this.#configuration = configuration;
  }

  begin(): void {
    const [{excludedAddresses, virtualRoutes}] = this.#configuration().instances;
    const [first] = excludedAddresses;
    this.#awaited.clear();
    this.#waitsUntil = 0;
    if (!this.#namespace.isLocal(first.address)) return;
    this.#waitsUntil = this.#ground.engine.now + deadline;
    this.#runs += 1;
    for (const {prefix, via, device} of virtualRoutes) {
      if (prefix.length > 0) continue;
      this.#awaited.add(via);
      this.#ping(via, device);
    }
  }

  waitsUntil(): Time | undefined {
    const isWaiting = this.#awaited.size > 0 && this.#ground.engine.now < this.#waitsUntil;
    return isWaiting ? this.#waitsUntil : undefined;
  }

  succeeds(): boolean {
    return this.#awaited.size === 0;
  }

  causeOf(): number {
    return this.#cause;
  }

  /** An answer to a ping of the script. */
  arrive({source, payload}: Ipv4Packet): Verdict | undefined {
    if (payload.kind !== 'icmp-echo' || payload.operation !== 'reply') return undefined;
    if (payload.identifier !== this.#identifier || !this.#awaited.delete(source)) return undefined;
    return delivered;
  }

  get #identifier(): number {
    return this.#runs & 0xffff;
  }

  #ping(gateway: Ipv4, device: string): void {
    const own = this.#namespace.interfaces.get(device)?.addresses.at(0);
    if (!own) return;
    const passage = new Passage(this.#ground, {sender: `${this.#namespace.place}/health check`, number: this.#runs});
    passage.once();
    const verdict = this.#namespace.send(
      {
        ...{kind: 'ipv4', source: own.address, destination: gateway, ttl: 64, tos: 0},
        ...{identification: this.#runs & 0xffff, dontFragment: true},
        payload: {
          ...{kind: 'icmp-echo', operation: 'request', identifier: this.#identifier, sequence: 1},
          payload: {kind: 'payload', size: 56, bytes: undefined},
        },
      },
      passage,
    );
    passage.finish(verdict);
    this.#cause = passage.cause;
  }
}
