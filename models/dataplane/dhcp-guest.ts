import {draw} from '../../engine/chance.ts';
import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {DhcpClient} from '../protocols/dhcp-client.ts';
import type {DhcpLease} from '../protocols/dhcp-lease.ts';
import type {Dhcp} from '../wire/dhcp.ts';
import {networkOf, type Ipv4} from '../wire/ipv4.ts';
import {dhcpIn, dhcpPacket, everybody} from './dhcp-packet.ts';
import {delivered, Passage} from './passage.ts';
import type {Addressing, Station} from './station.ts';

/** The DHCP client of a machine: what it learns is the machine's address, routes and MTU as long as the lease holds. */
export class DhcpGuest {
  readonly #ground: Ground;
  readonly #station: Station;
  readonly #client: DhcpClient;
  readonly #actor: number;
  #sent = 0;
  #heard = 0;
  /** When it began to ask for the address that it has not got yet. */
  #askedAt: Time;
  /** How often it asked since it last was answered, and the announcement behind what became of that. */
  #asked = 0;
  #whyInVain = 0;

  /** `clientId` is what it calls itself, as bytes in hexadecimal. */
  constructor(ground: Ground, station: Station, clientId: string) {
    this.#ground = ground;
    this.#station = station;
    this.#askedAt = ground.engine.now;
    const luck = ground.streams.of(`${station.name}/dhcp client`);
    this.#client = new DhcpClient(
      {mac: station.mac, clientId, draw: count => draw(luck, count)},
      {
        send: (message, to) => {
          this.#send(message, to);
        },
        bound: (lease, again) => {
          this.#take(lease, again);
        },
        lost: (lease, why) => {
          this.#lose(lease, why);
        },
      },
    );
    this.#actor = ground.engine.add(this);
    station.overhearers.push((packet, passage) => {
      const message = dhcpIn(packet, 'reply');
      if (!message) return undefined;
      passage.once();
      passage.because(() => {
        ground.engine.post(passage.arrivesAt, this.#actor, this.#actor, this.#heard++, message);
      });
      return delivered;
    });
    station.onPower = on => {
      this.#power(on);
    };
  }

  get wakeAt(): Time {
    return this.#client.wakeAt;
  }

  get lease(): DhcpLease | undefined {
    return this.#client.lease;
  }

  wake(now: Time): void {
    this.#client.wake(now);
  }

  hear(message: unknown, now: Time): void {
    if (this.#station.on) this.#client.hear(message as Dhcp, now);
    this.#ground.engine.rearm(this.#actor);
  }

  /** The machine is on and has no address yet. */
  start(): void {
    const {engine} = this.#ground;
    this.#askedAt = engine.now;
    this.#asked = 0;
    this.#station.configure(undefined);
    this.#client.start(engine.now);
    engine.rearm(this.#actor);
  }

  /** Has held a lease since before the run. */
  beginBound(lease: DhcpLease): void {
    this.#client.beginBound(lease);
    this.#station.configure(addressingOf(lease));
    this.#ground.engine.rearm(this.#actor);
  }

  #power(on: boolean): void {
    if (on) this.start();
    else {
      this.#client.forget();
      this.#station.configure(undefined);
      this.#ground.engine.rearm(this.#actor);
    }
  }

  #send(message: Dhcp, to: Ipv4 | 'everybody'): void {
    if (message.messageType === 'request') this.#asked += 1;
    const {name} = this.#station;
    const identity = {sender: `${name}/dhcp client`, number: this.#sent++};
    const sentAt = this.#ground.engine.now;
    const passage = new Passage(this.#ground, identity, (verdict, {cause}) => {
      if (verdict.kind !== 'dropped') return;
      this.#whyInVain = cause;
      this.#ground.losses.note('dhcp messages', verdict.reason, verdict.place, sentAt);
    });
    passage.once();
    const packet = dhcpPacket(message, message.clientAddress, to === 'everybody' ? everybody : to);
    passage.finish(to === 'everybody' ? this.#station.broadcast(packet, passage) : this.#station.send(packet, passage));
  }

  #take(lease: DhcpLease, again: boolean): void {
    const {engine, journal} = this.#ground;
    const {name: host} = this.#station;
    const {address, serverId: server} = lease;
    if (!again) {
      const waited = engine.now - this.#askedAt;
      engine.cause = journal.announce('lease taken', {host, address, server, waited});
    } else if (this.#asked > 1) {
      engine.cause = journal.announce('lease renewed late', {host, address, server, requests: this.#asked});
    }
    this.#asked = 0;
    if (!again) this.#station.configure(addressingOf(lease));
  }

  #lose({address}: DhcpLease, why: 'expired' | 'refused'): void {
    const {engine, journal} = this.#ground;
    this.#askedAt = engine.now;
    this.#asked = 0;
    const causes = why === 'expired' ? [this.#whyInVain] : [engine.cause];
    engine.cause = journal.announce('lease lost', {host: this.#station.name, address, why}, causes);
    this.#station.configure(undefined);
  }
}

function addressingOf({address, length, routes}: DhcpLease): Addressing {
  return {address, network: networkOf({address, length}), routes};
}
