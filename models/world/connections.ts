import type {Station} from '../dataplane/station.ts';
import {TcpConnection, type Listener} from '../dataplane/tcp.ts';
import type {Ground} from '../ground.ts';
import type {Dialler} from '../wire/stream.ts';

/** The connections of other hosts to one server over the management network. */
export class Connections {
  readonly #ground: Ground;
  /** What the server is for, in the names of its connections. */
  readonly #purpose: string;
  readonly #listener: Listener;
  /** The latest connection of each client, and the host it is on. */
  readonly #latest = new Map<string, {readonly host: string; readonly connection: TcpConnection}>();

  constructor(ground: Ground, purpose: string, listener: Listener) {
    this.#ground = ground;
    this.#purpose = purpose;
    this.#listener = listener;
  }

  /** How a client on a host connects. */
  dialler(client: string, station: Station): Dialler {
    return {
      connect: outcome => {
        const name = `${client}/${this.#purpose}`;
        const connection = new TcpConnection(this.#ground, name, station, this.#listener, outcome);
        this.#latest.set(client, {host: station.name, connection});
        return () => {
          connection.giveUp();
        };
      },
    };
  }

  /** A connection that was made before the run. The server has to be told of its end. */
  settled(client: string, station: Station): TcpConnection {
    const connection = TcpConnection.settled(this.#ground, `${client}/${this.#purpose}`, station, this.#listener);
    this.#latest.set(client, {host: station.name, connection});
    return connection;
  }

  /** Resets the connections of one host, or of all. */
  reset(host: string | undefined): void {
    for (const {host: on, connection} of this.#latest.values())
      if (host === undefined || on === host) connection.reset();
  }
}
