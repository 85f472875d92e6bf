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

/**
 * ovn-controller's connection to br-int.mgmt. That nobody listens is known at once; then it backs off. A switch that stands
 * still is given up if it has not said hello in time (lib/rconn.c, timeout_CONNECTING), but once connected it is waited for.
 */
export class OpenFlowSession {
  readonly #ground: Ground;
  readonly #host: Host;
  readonly #channel: OpenFlowChannel;
  readonly #owner: OpenFlowSessionOwner;
  #reconnect: Reconnect | undefined;
  #ready = false;
  #attempt = 0;
  /** The announcement from which it follows that it must connect. */
  #whyConnecting = 0;
  /** What is done when the switch goes on. */
  #whenAnswering: (() => void) | undefined;

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
    this.#whyConnecting = this.#ground.engine.cause;
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
    const attempt = ++this.#attempt;
    this.#whenAnswering = undefined;
    this.#ground.engine.cause = this.#whyConnecting;
    if (this.#reconnect?.wake(now) !== 'connect') return;
    if (!this.#channel.listening) this.#reconnect.disconnected(now);
    else if (this.#channel.answering) this.#shakeHands(attempt);
    else {
      this.#whenAnswering = () => {
        this.#shakeHands(attempt);
      };
    }
  }

  /** Hello, then what ofctrl asks of the switch before its first flow. */
  #shakeHands(attempt: number): void {
    const {now} = this.#ground.engine;
    this.#reconnect?.hasConnected(now);
    this.#channel.connected = true;
    this.#answeredAt(now + this.#step() * 2, attempt);
  }

  #answeredAt(at: Time, attempt: number): void {
    this.#ground.later.at(at, () => {
      if (this.#attempt !== attempt || !this.#channel.connected) return;
      if (!this.#channel.answering) {
        this.#whenAnswering = () => {
          this.#answeredAt(this.#ground.engine.now + this.#step(), attempt);
        };
        return;
      }
      this.#ready = true;
      this.#owner.openFlowReady();
    });
  }

  #step(): Time {
    return this.#host.take('local-database', 'ovn-controller/openflow');
  }

  /** The process that held it ends. */
  close(): void {
    this.#attempt += 1;
    this.#reconnect = undefined;
    this.#channel.connected = this.#ready = false;
    this.#channel.onListening = this.#channel.onAnswering = this.#whenAnswering = undefined;
  }

  #listen(): void {
    this.#channel.onListening = listening => {
      this.#whyConnecting = Math.max(this.#whyConnecting, this.#ground.engine.cause);
      if (!listening) this.#lose(this.#ground.engine.now);
    };
    this.#channel.onAnswering = () => {
      const act = this.#whenAnswering;
      this.#whenAnswering = undefined;
      act?.();
      this.#owner.rearm();
    };
  }

  /** The switch is gone, and its end of the connection with it. */
  #lose(now: Time): void {
    if (!this.#reconnect) return;
    const wasReady = this.#ready;
    this.#attempt += 1;
    this.#whenAnswering = undefined;
    if (this.#reconnect.connected) this.#reconnect.activity(now);
    this.#reconnect.disconnected(now);
    this.#channel.connected = this.#ready = false;
    if (wasReady) this.#owner.openFlowLost();
    this.#owner.rearm();
  }
}
