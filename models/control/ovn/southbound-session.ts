import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import {Reconnect, reconnectDefaults} from '../../protocols/reconnect.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import type {Notice, Request, Write} from './southbound-messages.ts';

export type SessionOwner = {
  /** Something has come in, or the connection has changed: look at the session. */
  wake(): void;
  /** The connection is there and the contents are known. */
  connected(): void;
  lost(why: string, transaction: Interrupted): void;
};

/** What became of the transaction under way when the connection broke, if any: `overtaken` if news came after it was sent. */
export type Interrupted = 'none' | 'under way' | 'overtaken';

/** Exchanges before the contents are there: the server's schema, a monitor of it, then the data (lib/ovsdb-cs.c). */
const exchanges = 3;

/**
 * A daemon's connection to the southbound database and its copy of the contents (ovsdb-idl): how much of the log it has
 * heard, and whether a transaction is under way, during which no other can begin.
 */
export class SouthboundSession {
  readonly #ground: Ground;
  readonly #dialler: Dialler;
  readonly #owner: SessionOwner;
  readonly #reconnect: Reconnect;
  #stream: Stream | undefined;
  #giveUp: (() => void) | undefined;
  #asked = 0;
  #answered = 0;
  #watermark = 0;
  #cause = 0;
  /** The announcement from which it follows that it must dial. */
  #whyDialling: number;
  #ready = false;
  #everReady = false;
  #transactions = 0;
  #underWay = 0;
  #watermarkAtCommit = 0;

  constructor(ground: Ground, dialler: Dialler, probeInterval: Time, owner: SessionOwner) {
    this.#ground = ground;
    this.#dialler = dialler;
    this.#owner = owner;
    this.#whyDialling = ground.engine.cause;
    this.#reconnect = new Reconnect({...reconnectDefaults, probeInterval}, ground.engine.now);
  }

  /** Whether it is connected and has the contents. */
  get ready(): boolean {
    return this.#ready;
  }

  get everReady(): boolean {
    return this.#everReady;
  }

  /** Whether a transaction can begin. */
  get writable(): boolean {
    return this.#ready && this.#underWay === 0;
  }

  /** How much of the southbound log it has heard. */
  get watermark(): number {
    return this.#watermark;
  }

  /** The announcement behind what it heard last. */
  get cause(): number {
    return this.#cause;
  }

  get wakeAt(): Time {
    return this.#reconnect.wakeAt;
  }

  /** Dials, probes or gives up when it is time. */
  run(now: Time): void {
    switch (this.#reconnect.wake(now)) {
      case 'connect':
        this.#dial();
        break;
      case 'probe':
        this.#send({kind: 'echo'});
        break;
      case 'give up':
        this.#ground.engine.cause = this.#stream?.whySilent ?? 0;
        this.#giveUp?.();
        this.#close('no answer to the inactivity probe');
        break;
      case undefined:
        break;
    }
  }

  /** Has been connected since before the run. */
  beginSettled(stream: Stream): void {
    this.#adopt(stream);
    this.#ready = this.#everReady = true;
  }

  /** Sends a transaction. */
  commit(writes: readonly Write[]): void {
    this.#underWay = ++this.#transactions;
    this.#watermarkAtCommit = this.#watermark;
    this.#send({kind: 'transact', number: this.#underWay, writes});
  }

  /** Asks for other parts of the contents, as ovn-controller does when it learns of new local datapaths. */
  changeConditions(): void {
    this.#send({kind: 'ask', number: this.#asked++, last: true});
  }

  /** How many requests have not been answered. */
  get unanswered(): number {
    return this.#asked - this.#answered;
  }

  close(): void {
    this.#giveUp?.();
    this.#leaveStream();
  }

  #dial(): void {
    this.#ground.engine.cause = this.#whyDialling;
    this.#giveUp = this.#dialler.connect(result => {
      this.#giveUp = undefined;
      if (result === 'refused' || result === 'unreachable') {
        this.#reconnect.disconnected(this.#ground.engine.now);
        this.#owner.wake();
        return;
      }
      this.#adopt(result);
      this.#ask();
    });
  }

  #adopt(stream: Stream): void {
    this.#stream = stream;
    this.#asked = this.#answered = 0;
    this.#reconnect.hasConnected(this.#ground.engine.now);
    stream.onMessage = message => {
      this.#reconnect.activity(this.#ground.engine.now);
      this.#take(message as Notice);
      this.#owner.wake();
    };
    stream.onEnd = why => {
      this.#reconnect.disconnected(this.#ground.engine.now);
      this.#close(why);
    };
  }

  #ask(): void {
    const last = this.#asked === exchanges - 1;
    this.#send({kind: 'ask', number: this.#asked++, last});
  }

  #take(notice: Notice): void {
    switch (notice.kind) {
      case 'answer':
        this.#answered += 1;
        if (notice.watermark === undefined) this.#ask();
        else {
          this.#hear(notice.watermark);
          if (!this.#ready) {
            this.#ready = this.#everReady = true;
            this.#owner.connected();
          }
        }
        break;
      case 'update':
        this.#hear(notice.watermark);
        break;
      case 'reply':
        if (notice.number === this.#underWay) this.#underWay = 0;
        break;
      case 'echo reply':
        break;
    }
  }

  #hear(watermark: number): void {
    this.#watermark = Math.max(this.#watermark, watermark);
    this.#cause = this.#ground.engine.cause;
  }

  #close(why: string): void {
    const {engine} = this.#ground;
    const wasReady = this.#ready;
    const transaction = this.#interrupted;
    this.#leaveStream();
    this.#underWay = 0;
    if (wasReady) this.#owner.lost(why, transaction);
    this.#whyDialling = Math.max(this.#whyDialling, engine.cause);
    this.#owner.wake();
  }

  get #interrupted(): Interrupted {
    if (this.#underWay === 0) return 'none';
    return this.#watermark > this.#watermarkAtCommit ? 'overtaken' : 'under way';
  }

  /** What may still arrive on it is not heard any more. */
  #leaveStream(): void {
    if (this.#stream) this.#stream.onMessage = this.#stream.onEnd = undefined;
    this.#stream?.close();
    this.#stream = undefined;
    this.#ready = false;
  }

  #send(request: Request): void {
    this.#stream?.send(request);
  }
}
