import type {Ground} from '../ground.ts';
import type {Host} from './host.ts';

/** What a program has to do when things happen to its process. */
export type Program = {
  /** The process is gone, with all it knew. */
  die(): void;
  /** A new process is ready to work. */
  start(): void;
  /** The process stands still; what reaches it waits. */
  freeze(): void;
  thaw(): void;
  /** Asked to stop: tidies up and calls `done` when it has. Left out if it just ends. */
  tidyUp?(done: () => void): void;
};

export type DaemonName =
  | 'ovs-vswitchd'
  | 'ovn-controller'
  | 'ovn-northd'
  | 'ovsdb-server-sb'
  | 'neutron-server'
  | 'neutron-linuxbridge-agent'
  | 'neutron-openvswitch-agent'
  | 'neutron-l3-agent'
  | 'neutron-dhcp-agent'
  | 'neutron-metadata-agent'
  | 'rabbitmq-server'
  | 'keepalived'
  | 'conntrackd'
  | 'neutron-keepalived-state-change';

/** The step that starting takes. */
export type StartStep =
  | 'vswitchd-start'
  | 'controller-start'
  | 'server-start'
  | 'agent-start'
  | 'neutron-server-start'
  | 'bus-start'
  | 'keepalived-start'
  | 'ha-monitor-start'
  | 'conntrackd-start';

/** What a process is called in announcements if there may be several of the name, and who starts it. */
export type DaemonOptions = {
  /** Whom it serves. */
  readonly of?: string;
  /**
   * The host's init starts it, and starts it anew when nothing holds it down any more. A daemon that another program
   * spawns is not there before, and nobody else starts it again.
   */
  readonly startedBy?: 'init' | 'another program';
};

/**
 * The process of a program. Whether it runs follows from the set of what holds it down at present, so faults may overlap;
 * when nothing does any more it starts anew, knowing nothing.
 */
export class Daemon {
  readonly name: DaemonName;
  /** As announcements call it. */
  readonly label: string;
  readonly host: Host;
  readonly #ground: Ground;
  readonly #program: Program;
  readonly #startStep: StartStep;
  readonly #down = new Set<string>();
  readonly #stopped = new Set<string>();
  readonly #isSpawned: boolean;
  #running: boolean;
  #starting = false;
  #tidying = false;
  #life = 0;
  #cause = 0;

  constructor(
    ground: Ground,
    host: Host,
    name: DaemonName,
    startStep: StartStep,
    program: Program,
    {of, startedBy = 'init'}: DaemonOptions = {},
  ) {
    this.#ground = ground;
    this.host = host;
    this.name = name;
    this.#startStep = startStep;
    this.#program = program;
    this.label = of === undefined ? name : `${name} of ${of}`;
    this.#isSpawned = startedBy !== 'init';
    this.#running = !this.#isSpawned;
  }

  /** Whether there is a process, hung or not. */
  get running(): boolean {
    return this.#running;
  }

  get hung(): boolean {
    return this.#running && this.#stopped.size > 0;
  }

  /** Which process this is: what an earlier one set going is not for this one. */
  get life(): number {
    return this.#life;
  }

  /** Why it does not work at present, or since when it does again: the announcement. */
  get cause(): number {
    return this.#cause;
  }

  /** Whether there is a process, or one is about to be. */
  get spawned(): boolean {
    return this.#running || this.#starting;
  }

  /** Another program starts it; nothing happens if it runs already, or if something holds it down. */
  spawn(): void {
    if (this.spawned || this.#down.size > 0) return;
    const {engine} = this.#ground;
    const before = engine.cause;
    // It is started again because it ended, whatever else made its parent look.
    engine.cause = Math.max(before, this.#cause);
    this.#startSoon();
    engine.cause = before;
  }

  /** It has long been running. */
  beginSettled(): void {
    this.#running = true;
  }

  /** It ends by itself. */
  exit(how: string): void {
    if (this.#running) this.#end(how);
  }

  /** SIGKILL, or the power goes: gone at once. */
  kill(key: string, how = 'killed'): void {
    this.#down.add(key);
    if (this.#running) this.#end(how);
    else this.#callOff();
  }

  /** Asked to stop: it tidies up first. */
  stop(key: string): void {
    this.#down.add(key);
    this.#askToEnd();
  }

  /** The program that spawned it asks it to end, and may spawn it again. */
  dismiss(): void {
    this.#askToEnd();
  }

  /** What held it down is over. It is started if nothing else holds it down, once it has ended. */
  release(key: string): void {
    const isFree = this.#down.delete(key) && this.#down.size === 0;
    if (isFree && !this.#running && !this.#isSpawned) this.#startSoon();
  }

  /** SIGSTOP. */
  hang(key: string): void {
    const before = this.#stopped.size;
    this.#stopped.add(key);
    if (before > 0 || !this.#running) return;
    this.#cause = this.#announce('daemon stopped', 'hung');
    this.#because(() => {
      this.#program.freeze();
    });
  }

  /** SIGCONT. */
  resume(key: string): void {
    if (!this.#stopped.delete(key) || this.#stopped.size > 0 || !this.#running) return;
    this.#cause = this.#announce('daemon started');
    this.#because(() => {
      this.#program.thaw();
    });
  }

  #askToEnd(): void {
    if (!this.#running) this.#callOff();
    if (!this.#running || this.#tidying) return;
    if (this.#program.tidyUp && !this.hung) {
      const life = this.#life;
      this.#tidying = true;
      this.#program.tidyUp(() => {
        if (this.#running && this.#life === life) this.#end('stopped');
      });
    } else this.#end('stopped');
  }

  #startSoon(): void {
    const life = ++this.#life;
    this.#starting = true;
    const readyAt = this.#ground.engine.now + this.host.take(this.#startStep, this.label);
    this.#ground.later.at(readyAt, () => {
      if (this.#life === life) this.#starting = false;
      if (this.#down.size === 0 && !this.#running && this.#life === life) this.#begin();
    });
  }

  #end(how: string): void {
    this.#running = this.#tidying = false;
    this.#life += 1;
    this.#cause = this.#announce('daemon stopped', how);
    this.#because(() => {
      this.#program.die();
    });
    if (this.#down.size === 0 && !this.#isSpawned) this.#startSoon();
  }

  /** A process that is about to be will not be. */
  #callOff(): void {
    if (!this.#starting) return;
    this.#starting = false;
    this.#life += 1;
  }

  #begin(): void {
    this.#running = true;
    this.#cause = this.#announce('daemon started');
    this.#because(() => {
      this.#program.start();
      if (this.#stopped.size > 0) this.#program.freeze();
    });
  }

  #announce(kind: 'daemon stopped' | 'daemon started', how?: string): number {
    const {journal} = this.#ground;
    const detail = {chassis: this.host.name, daemon: this.label};
    if (kind === 'daemon started') return journal.announce(kind, detail);
    return journal.announce(kind, {...detail, how: how ?? ''});
  }

  #because(act: () => void): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = this.#cause;
    act();
    engine.cause = before;
  }
}
