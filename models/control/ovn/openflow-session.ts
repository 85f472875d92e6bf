import {milliseconds, never, type Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {Reconnect} from '../../protocols/reconnect.ts';
import type {OpenFlowChannel} from '../../tables/openflow-channel.ts';

/** lib/rconn.c with what ofctrl.c asks for: no more than 8 s of back-off, and no probes on a Unix socket. */
const settings = {minBackoff: milliseconds(1000), maxBackoff: milliseconds(8000), probeInterval: 0};

export type OpenFlowSessionOwner = {
  /** Flows can be sent now; none of those sent before are there any more. */
  openFlowReady(): void;
  openFlowLost(): void;
  /** Its wish may have become earlier. */
  rearm(): void;
};

/** ovn-controller's connection to br-int.mgmt. Nobody listening is known at once; then it backs off. */
export class OpenFlowSession {
  readonly #ground: Ground;
  readonly #host: Host;
  readonly #channel: OpenFlowChannel;
  readonly #owner: OpenFlowSessionOwner;
  #reconnect: Reconnect | undefined;
  #ready = false;
  #attempt = 0;

  constructor(ground: Ground, host: Host, channel: OpenFlowChannel, owner: OpenFlowSessionOwner) {
    this.#ground = ground;
    this.#host = host;
    this.#channel = channel;
    this.#owner = owner;
  }

  /** Whether the switch takes flows. */
  get ready(): boolean {
    return this.#ready;
  }

  get wakeAt(): Time {
    return this.#reconnect && !this.#reconnect.connected ? this.#reconnect.wakeAt : never;
  }

  /** Begins to connect, unless it already has. */
  open(): void {
    if (this.#reconnect) return;
    this.#reconnect = new Reconnect(settings, this.#ground.engine.now);
    this.#listen();
    this.#owner.rearm();
  }

  /** Has been connected since before the run. */
  openSettled(): void {
    this.open();
    this.#reconnect?.wake(this.#ground.engine.now);
    this.#reconnect?.hasConnected(this.#ground.engine.now);
    this.#channel.connected = this.#ready = true;
  }

  run(now: Time): void {
    if (this.#reconnect?.wake(now) !== 'connect') return;
    if (!this.#channel.listening) {
      this.#reconnect.disconnected(now);
      return;
    }
    this.#reconnect.hasConnected(now);
    this.#channel.connected = true;
    const attempt = ++this.#attempt;
    const handshake = this.#host.take('local-database', 'ovn-controller/openflow') * 2;
    this.#ground.later.at(now + handshake, () => {
      if (this.#attempt !== attempt || !this.#channel.connected) return;
      this.#ready = true;
      this.#owner.openFlowReady();
    });
  }

  /** The process that held it ends. */
  close(): void {
    this.#attempt += 1;
    this.#reconnect = undefined;
    this.#channel.connected = this.#ready = false;
    this.#channel.onListening = undefined;
  }

  #listen(): void {
    this.#channel.onListening = listening => {
      if (listening || !this.#reconnect?.connected) return;
      this.#attempt += 1;
      this.#reconnect.activity(this.#ground.engine.now);
      this.#reconnect.disconnected(this.#ground.engine.now);
      this.#channel.connected = this.#ready = false;
      this.#owner.openFlowLost();
    };
  }
}
