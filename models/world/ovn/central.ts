import {Northd} from '../../control/ovn/northd.ts';
import {SouthboundServer} from '../../control/ovn/southbound-server.ts';
import {Daemon} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import {localDialler, localPair} from '../../dataplane/local-stream.ts';
import type {Nic} from '../../dataplane/nic.ts';
import type {Station} from '../../dataplane/station.ts';
import type {Listener} from '../../dataplane/tcp.ts';
import type {Ground} from '../../ground.ts';
import type {SouthboundContents} from '../../tables/southbound-contents.ts';
import type {Topology} from '../../tables/topology.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {Connections} from '../connections.ts';
import {cutPower, restorePower} from '../power.ts';
import type {ControllerHost} from '../site.ts';

/** Where ovsdb-server listens for the southbound database (ovn-sb(5), ovn-ctl). */
const southboundPort = 6642;

/** The controller host: the southbound database's server, and northd beside it. */
export class Central {
  readonly role = 'controller';
  readonly host: Host;
  readonly nics: readonly Nic[];
  readonly management: Station;
  readonly northd: Northd;
  readonly daemons: {readonly 'ovsdb-server-sb': Daemon; readonly 'ovn-northd': Daemon};
  readonly #ground: Ground;
  readonly #server: SouthboundServer;
  readonly #connections: Connections;

  constructor(
    ground: Ground,
    {host, nics, management}: ControllerHost,
    topology: Topology,
    contents: SouthboundContents,
  ) {
    this.#ground = ground;
    this.host = host;
    this.nics = nics;
    this.management = management;
    const server = new SouthboundServer(ground, host, topology, contents);
    this.#server = server;
    const listener: Listener = {
      station: management,
      port: southboundPort,
      listening: () => server.listening,
      cause: () => this.daemons['ovsdb-server-sb'].cause,
      accept: stream => {
        server.accept(stream);
      },
    };
    this.#connections = new Connections(ground, 'southbound', listener);
    this.northd = new Northd(ground, {host, topology, contents, dialler: localDialler(ground, listener)});
    this.daemons = {
      'ovsdb-server-sb': new Daemon(ground, host, 'ovsdb-server-sb', 'server-start', server),
      'ovn-northd': new Daemon(ground, host, 'ovn-northd', 'server-start', this.northd),
    };
  }

  get name(): string {
    return this.host.name;
  }

  /** Connections of one chassis over the management network. */
  dialler(client: string, station: Station): Dialler {
    return this.#connections.dialler(client, station);
  }

  /** A connection that was made before the run. */
  connectSettled(client: string, station: Station): Stream {
    const {accepted, dialled} = this.#connections.settled(client, station);
    this.#server.acceptSettled(accepted);
    return dialled;
  }

  /** northd's connection, likewise. */
  connectNorthdSettled(): Stream {
    const [client, accepted] = localPair(this.#ground);
    this.#server.acceptSettled(accepted);
    return client;
  }

  /** Resets the connection of a chassis, or of all. */
  reset(client: string | undefined): void {
    this.#connections.reset(client);
  }

  crash(key: string): void {
    cutPower(this, key);
  }

  boot(key: string): void {
    restorePower(this, key);
  }
}
