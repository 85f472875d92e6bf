import type {Fact} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import {delivered, Passage, type Verdict} from '../dataplane/passage.ts';
import type {FlowResult} from '../events/results.ts';
import type {Ground} from '../ground.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {requestOf} from './datagrams.ts';
import {Flow, type Addressee, type FlowSettings} from './flow.ts';

/** Of a flow in which the server sends. */
export type UdpDownloadSettings = FlowSettings & {readonly to: FlowEnd};

/**
 * A client asks once, by UDP, and from then on the server sends at equal intervals to where the question seemed to come from.
 * The client's socket is connected and takes nothing from anybody else; the server's is not, and takes no notice of errors.
 */
export class UdpDownload {
  readonly settings: UdpDownloadSettings;
  readonly #ground: Ground;
  readonly #stream: Flow;
  /** Whom the server sends to. */
  readonly #fact: Fact;
  #addressee: (Addressee & {readonly life: number}) | undefined;
  #askAt: Time;

  constructor(ground: Ground, settings: UdpDownloadSettings) {
    this.#ground = ground;
    this.settings = settings;
    this.#askAt = settings.start;
    this.#fact = ground.ledger.add();
    const {from: client, to: server, sourcePort, port, start, every} = settings;
    ground.engine.add(this);
    this.#stream = new Flow(ground, {
      ...settings,
      ...{from: server, to: client, others: [], listening: true, source: undefined, start: start + every},
      ...{sourcePort: port, port: sourcePort, destination: client.address},
      addressee: passage => this.#whom(passage),
      connectedTo: {destination: settings.destination, port},
    });
  }

  get wakeAt(): Time {
    return this.#askAt;
  }

  wake(): void {
    this.#askAt = never;
    const {from, name} = this.settings;
    const passage = new Passage(this.#ground, {sender: `${name}/question`, number: 0});
    passage.once();
    passage.arrive = (host, packet) => this.#asked(host, packet, passage);
    passage.finish(from.send(requestOf(this.settings, 0), passage));
  }

  result(): FlowResult {
    return this.#stream.result();
  }

  #asked(host: string, packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    const {to: server, listening} = this.settings;
    const {payload, source: destination} = packet;
    if (host !== server.name || !listening || payload.kind !== 'udp') return undefined;
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        this.#addressee = {destination, port: payload.sourcePort, life: server.life};
        this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
      });
    });
    return delivered;
  }

  /** A server that was off since remembers nobody. */
  #whom(passage: Passage): Addressee | undefined {
    passage.rely(this.#fact);
    return this.#addressee?.life === this.settings.to.life ? this.#addressee : undefined;
  }
}
