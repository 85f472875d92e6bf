import {never, seconds, type Time} from '../../../engine/time.ts';
import {Daemon, type DaemonOptions, type Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import type {VrrpInstance} from '../../protocols/vrrp-instance.ts';
import type {SettledRole} from '../../protocols/vrrp-port.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Passage, Verdict} from '../passage.ts';
import {VrrpProcess, type VrrpSurroundings} from './vrrp-process.ts';

/** A child that has run for so long is replaced at once when it dies (lib/scheduler.c, calc_restart_delay). */
const longEnough = seconds(60);
const firstRestartDelay = seconds(1);
const mostRestartDelay = seconds(60);

/** A child that was told to end waits for that long before it does (vrrp_terminate_phase1). */
const shutdownDelay = seconds(1);

/** keepalived in a namespace: the parent, which looks after the child that runs the virtual routers. */
export class Keepalived implements Program {
  readonly daemon: Daemon;
  readonly vrrp: VrrpProcess;
  readonly #ground: Ground;
  #restartDelay: Time = 0;
  #childStartedAt: Time = -never;
  /** A child that died or ends, and why: the announcement. */
  #childCause: number | undefined;
  #children = 0;

  constructor(
    ground: Ground,
    host: Host,
    configuration: KeepalivedConfiguration,
    among: Omit<VrrpSurroundings, 'host' | 'causeOfProcess'>,
    options: DaemonOptions = {},
  ) {
    this.#ground = ground;
    this.daemon = new Daemon(ground, host, 'keepalived', 'keepalived-start', this, options);
    this.vrrp = new VrrpProcess(ground, configuration, {
      ...among,
      host,
      causeOfProcess: () => this.#childCause ?? this.daemon.cause,
    });
  }

  /** Everything up as after a long quiet time. */
  beginSettled(roleOf: (vrrp: VrrpInstance) => SettledRole): void {
    this.daemon.beginSettled();
    this.vrrp.beginSettled(roleOf);
  }

  /** kill -9 of both. */
  kill(key: string): void {
    this.daemon.kill(key);
  }

  /** SIGTERM. */
  stop(key: string): void {
    this.daemon.stop(key);
  }

  hang(key: string): void {
    this.daemon.hang(key);
  }

  resume(key: string): void {
    this.daemon.resume(key);
  }

  release(key: string): void {
    this.daemon.release(key);
  }

  /** kill -9 of the parent: the kernel sends the child a SIGTERM (PR_SET_PDEATHSIG). */
  killParent(key: string): void {
    this.daemon.stop(key);
  }

  /** kill -9 of the child: the parent starts another one. */
  killChild(): void {
    if (!this.daemon.running || this.#childCause !== undefined) return;
    const {engine, journal} = this.#ground;
    const {host} = this.daemon;
    const detail = {chassis: host.name, daemon: 'keepalived_vrrp', how: 'killed'};
    this.#childCause = journal.announce('daemon stopped', detail);
    this.vrrp.die();
    const child = ++this.#children;
    const before = engine.cause;
    engine.cause = this.#childCause;
    const readyAt = engine.now + this.#nextDelay() + host.take('keepalived-start', this.vrrp.place);
    this.#ground.later.at(readyAt, () => {
      if (this.#children !== child || !this.daemon.running) return;
      this.#childCause = undefined;
      engine.cause = journal.announce('daemon started', {chassis: host.name, daemon: 'keepalived_vrrp'});
      this.start();
      if (this.daemon.hung) this.vrrp.freeze();
    });
    engine.cause = before;
  }

  /** Lets it read a file: at its start, or by SIGHUP if it runs. */
  enable(configuration: KeepalivedConfiguration): void {
    if (this.daemon.running) this.vrrp.reload(configuration);
    else {
      this.vrrp.configure(configuration);
      this.daemon.spawn();
    }
  }

  /** SIGHUP, with what is in the file by then. */
  reload(configuration: KeepalivedConfiguration = this.vrrp.configuration): void {
    if (this.daemon.running) this.vrrp.reload(configuration);
  }

  /** Takes in a packet for a group that its child has joined. */
  arrive(packet: Ipv4Packet, device: string, passage: Passage): Verdict | undefined {
    return this.vrrp.arrive(packet, device, passage);
  }

  start(): void {
    this.#childStartedAt = this.#ground.engine.now;
    this.vrrp.start();
  }

  die(): void {
    this.#children += 1;
    this.#childCause = undefined;
    this.#restartDelay = 0;
    this.vrrp.die();
  }

  freeze(): void {
    this.vrrp.freeze();
  }

  thaw(): void {
    this.vrrp.thaw();
  }

  tidyUp(done: () => void): void {
    if (!this.vrrp.running) {
      done();
      return;
    }
    this.vrrp.stop(() => {
      this.#ground.later.at(this.#ground.engine.now + shutdownDelay, done);
    });
  }

  /** None at first, then 1, 2, 4, … 60 s. */
  #nextDelay(): Time {
    const delay = this.#restartDelay;
    if (this.#ground.engine.now - this.#childStartedAt >= longEnough) {
      this.#restartDelay = 0;
      return 0;
    }
    this.#restartDelay = delay === 0 ? firstRestartDelay : Math.min(mostRestartDelay, delay * 2);
    return delay;
  }
}
