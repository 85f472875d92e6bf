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
  | 'rabbitmq-server'
  | 'keepalived';

/** The step that starting takes. */
export type StartStep =
  | 'vswitchd-start'
  | 'controller-start'
  | 'server-start'
  | 'agent-start'
  | 'neutron-server-start'
  | 'bus-start'
  | 'keepalived-start';

/**
 * The process of a program. Whether it runs follows from the set of what holds it down at present, so faults may overlap;
 * when nothing does any more it starts anew, knowing nothing.
 */
export class Daemon {
  readonly name: DaemonName;
  readonly host: Host;
  readonly #ground: Ground;
  readonly #program: Program;
  readonly #startStep: StartStep;
  readonly #down = new Set<string>();
  readonly #stopped = new Set<string>();
  #running = true;
  #tidying = false;
  #life = 0;
  #cause = 0;

  constructor(ground: Ground, host: Host, name: DaemonName, startStep: StartStep, program: Program) {
    this.#ground = ground;
    this.host = host;
    this.name = name;
    this.#startStep = startStep;
    this.#program = program;
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

  /** SIGKILL, or the power goes: gone at once. */
  kill(key: string, how = 'killed'): void {
    this.#down.add(key);
    if (this.#running) this.#end(how);
  }

  /** Asked to stop: it tidies up first. */
  stop(key: string): void {
    this.#down.add(key);
    if (!this.#running || this.#tidying) return;
    if (this.#program.tidyUp && !this.hung) {
      const life = this.#life;
      this.#tidying = true;
      this.#program.tidyUp(() => {
        if (this.#running && this.#life === life) this.#end('stopped');
      });
    } else this.#end('stopped');
  }

  /** What held it down is over. It is started if nothing else holds it down, once it has ended. */
  release(key: string): void {
    if (this.#down.delete(key) && this.#down.size === 0 && !this.#running) this.#startSoon();
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

  #startSoon(): void {
    const life = ++this.#life;
    const readyAt = this.#ground.engine.now + this.host.take(this.#startStep, this.name);
    this.#ground.later.at(readyAt, () => {
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
    if (this.#down.size === 0) this.#startSoon();
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
    const chassis = this.host.name;
    if (kind === 'daemon started') return journal.announce(kind, {chassis, daemon: this.name});
    return journal.announce(kind, {chassis, daemon: this.name, how: how ?? ''});
  }

  #because(act: () => void): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = this.#cause;
    act();
    engine.cause = before;
  }
}
