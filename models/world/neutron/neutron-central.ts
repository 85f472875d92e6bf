import {MessageBroker} from '../../control/neutron/message-broker.ts';
import type {QueueDeclaration} from '../../control/neutron/messages.ts';
import {NeutronServer, type ServerSurroundings} from '../../control/neutron/server.ts';
import {Daemon} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import {localDialler, localPair} from '../../dataplane/local-stream.ts';
import type {Nic} from '../../dataplane/nic.ts';
import type {Station} from '../../dataplane/station.ts';
import type {Listener} from '../../dataplane/tcp.ts';
import type {Ground} from '../../ground.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {Connections} from '../connections.ts';
import {cutPower, restorePower} from '../power.ts';
import type {ControllerHost} from '../site.ts';

/** Where RabbitMQ listens (rabbit.tcp_listeners). */
const busPort = 5672;

/** An agent, as RabbitMQ knows it. */
export type Agent = {readonly queues: readonly QueueDeclaration[]};

/** The controller host of Neutron: the message bus, and neutron-server with its database beside it. */
export class NeutronCentral {
  readonly role = 'controller';
  readonly host: Host;
  readonly nics: readonly Nic[];
  readonly management: Station;
  readonly server: NeutronServer;
  readonly daemons: {readonly 'rabbitmq-server': Daemon; readonly 'neutron-server': Daemon};
  readonly #ground: Ground;
  readonly #broker: MessageBroker;
  readonly #connections: Connections;

  constructor(
    ground: Ground,
    {host, nics, management}: ControllerHost,
    among: Omit<ServerSurroundings, 'host' | 'dialler'>,
  ) {
    this.#ground = ground;
    this.host = host;
    this.nics = nics;
    this.management = management;
    const broker = new MessageBroker(ground, host, among.settings);
    this.#broker = broker;
    const listener: Listener = {
      station: management,
      port: busPort,
      listening: () => broker.listening,
      cause: () => this.daemons['rabbitmq-server'].cause,
      accept: stream => {
        broker.accept(stream);
      },
    };
    this.#connections = new Connections(ground, 'bus', listener);
    this.server = new NeutronServer(ground, {...among, host, dialler: localDialler(ground, listener)});
    this.daemons = {
      'rabbitmq-server': new Daemon(ground, host, 'rabbitmq-server', 'bus-start', broker),
      'neutron-server': new Daemon(ground, host, 'neutron-server', 'neutron-server-start', this.server),
    };
  }

  get name(): string {
    return this.host.name;
  }

  dialler(client: string, station: Station): Dialler {
    return this.#connections.dialler(client, station);
  }

  /** A connection of an agent that was made before the run. */
  connectSettled(client: string, station: Station, agent: Agent): Stream {
    const {accepted, dialled} = this.#connections.settled(client, station);
    this.#broker.acceptSettled(accepted, agent.queues);
    return dialled;
  }

  /** The server's own connection, likewise. */
  beginSettled(): void {
    const [client, accepted] = localPair(this.#ground);
    this.#broker.acceptSettled(accepted, this.server.queues);
    this.server.beginSettled(client);
  }

  /** Resets the connections of a chassis, or of all. */
  reset(chassis: string | undefined): void {
    this.#connections.reset(chassis);
  }

  crash(key: string): void {
    cutPower(this, key);
  }

  boot(key: string): void {
    restorePower(this, key);
  }
}
