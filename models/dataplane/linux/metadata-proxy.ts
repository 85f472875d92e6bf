import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {metadataAddress} from '../../wire/metadata.ts';
import type {ServiceAnswer, ServiceEnd} from '../flow-end.ts';
import type {Passage, Verdict} from '../passage.ts';
import type {MetadataAgent} from './metadata-agent.ts';
import type {Namespace} from './namespace.ts';

export type MetadataProxySettings = {
  readonly kernelPhase: Time;
  /** Where it listens. */
  readonly port: number;
  readonly agent: MetadataAgent;
};

/** haproxy in a namespace of Neutron: VMs get their metadata from it (neutron/agent/metadata/driver.py). */
export class MetadataProxy implements ServiceEnd {
  readonly name: string;
  readonly address: Ipv4 = metadataAddress;
  readonly kernelPhase: Time;
  readonly port: number;
  readonly #ground: Ground;
  /** Whether it runs. */
  readonly #fact: Fact;
  readonly #namespace: Namespace;
  readonly #agent: MetadataAgent;
  #runs = false;
  #life = 0;

  constructor(ground: Ground, namespace: Namespace, {kernelPhase, port, agent}: MetadataProxySettings) {
    this.name = namespace.place;
    this.kernelPhase = kernelPhase;
    this.port = port;
    this.#ground = ground;
    this.#fact = ground.ledger.add();
    this.#namespace = namespace;
    this.#agent = agent;
  }

  get runs(): boolean {
    return this.#runs;
  }

  get life(): number {
    return this.#life;
  }

  get answer(): ServiceAnswer {
    return this.#agent.answer;
  }

  /** It is started, or ends with all its connections. */
  run(runs: boolean): void {
    if (runs === this.#runs) return;
    this.#runs = runs;
    if (!runs) this.#life += 1;
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  /** Takes in what is for it; what is for nobody here the kernel refuses. */
  receive(packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    const {payload} = packet;
    if (payload.kind !== 'tcp' || payload.destinationPort !== this.port) return undefined;
    passage.rely(this.#fact);
    if (!this.#runs) return undefined;
    passage.rely(this.#agent.fact);
    return passage.arrive?.(this.name, packet, passage);
  }

  mtuTo(destination: Ipv4): number {
    return this.#namespace.mtuTo(destination);
  }

  learnMtu(destination: Ipv4, mtu: number): void {
    this.#namespace.learnMtu(destination, mtu);
  }

  send(packet: Ipv4Packet, passage: Passage): Verdict {
    return this.#namespace.send(packet, passage);
  }
}
