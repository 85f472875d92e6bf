import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {AgentKind} from '../../tables/neutron-contents.ts';
import type {NeutronInventory} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import type {BusConnection} from './bus-connection.ts';
import type {DeviceCauses} from './device-causes.ts';
import type {Cast, QueueDeclaration} from './messages.ts';
import {Process} from './process.ts';
import {Rpc, type Asked} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';
import {reportState, settledReportAt, type Reporter} from './state-reports.ts';

/** Where an agent is, what it knows of the cloud, and how it reaches the server. */
export type AgentPlace = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly dialler: Dialler;
  /** Shared by the agents of the host. */
  readonly deviceCauses: DeviceCauses;
};

/** What one agent does unlike the others. */
export type AgentDuties = {
  /** The queues of the process of this life, beside that for answers. */
  listensTo(life: number): readonly QueueDeclaration[];
  /** A new process, which knows nothing yet, is put together. */
  assemble(process: Process, rpc: Rpc, life: number): void;
  /** It runs, and connects to the bus. */
  begin(): void;
  /** It is gone. */
  ended?(): void;
  heardCall?(asked: Asked): void;
  heardCast(cast: Cast): void;
};

/** What all agents of Neutron are: green threads, a connection to the bus with queues of its own, and regular reports. */
export class AgentProgram implements Program {
  readonly process: Process;
  readonly #ground: Ground;
  readonly #kind: AgentKind;
  readonly #place: AgentPlace;
  readonly #duties: AgentDuties;
  #rpc: Rpc;
  #life = 0;

  constructor(ground: Ground, kind: AgentKind, place: AgentPlace, duties: AgentDuties) {
    this.#ground = ground;
    this.#kind = kind;
    this.#place = place;
    this.#duties = duties;
    this.process = new Process(ground);
    this.#rpc = this.#assemble();
  }

  get bus(): BusConnection {
    return this.#rpc.bus;
  }

  /** The queues that it consumes. */
  get queues(): readonly QueueDeclaration[] {
    return this.bus.queues;
  }

  start(): void {
    this.#life += 1;
    this.#rpc = this.#assemble();
    this.bus.start();
    this.#duties.begin();
  }

  /** It has long been running, over this stream. */
  beginSettled(stream: Stream): void {
    this.bus.beginSettled(stream);
  }

  die(): void {
    this.#duties.ended?.();
    this.process.die();
    this.bus.close();
  }

  freeze(): void {
    this.process.freeze();
  }

  thaw(): void {
    this.process.thaw();
  }

  /** Reports from now on; or, of a process that has long been running, when its next one is due. */
  report(from: 'now' | 'when due', own: Pick<Reporter, 'revived' | 'load' | 'begun'>): void {
    const {chassis, name, settings} = this.#place;
    const now = this.#ground.engine.now;
    const first = from === 'now' ? now : settledReportAt(this.#ground, name, this.#kind, settings);
    const reporter: Reporter = {...{chassis, settings, kind: this.#kind, hasReported: from === 'when due'}, ...own};
    this.process.run(reportState(this.#ground, this.process, this.#rpc, reporter, first));
  }

  #assemble(): Rpc {
    const {name: chassis, dialler, settings} = this.#place;
    const duties = this.#duties;
    const rpc = new Rpc(
      this.#ground,
      this.process,
      {
        ...{chassis, daemon: this.#kind, dialler, settings},
        listensTo: duties.listensTo(this.#life),
        heardCall: asked => duties.heardCall?.(asked),
        heardCast: cast => {
          duties.heardCast(cast);
        },
      },
      this.#life,
    );
    duties.assemble(this.process, rpc, this.#life);
    return rpc;
  }
}
