import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {DhcpAnswer, DnsmasqDhcp} from '../protocols/dnsmasq-dhcp.ts';
import type {Dhcp} from '../wire/dhcp.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {dhcpIn, dhcpPacket, everybody} from './dhcp-packet.ts';
import {delivered, Passage, type Verdict} from './passage.ts';

/** The stack that a DHCP server speaks through. */
export type DhcpStack = {
  send(packet: Ipv4Packet, passage: Passage): Verdict;
  broadcast(packet: Ipv4Packet, passage: Passage): Verdict;
  setNeighbour(address: Ipv4, mac: Mac): void;
};

export type DhcpServiceSettings = {
  /** What its luck depends on. */
  readonly name: string;
  readonly address: Ipv4;
  /** How long it takes to answer, the `count`-th time. */
  answerTime(count: number): Time;
  /** Whether answers that would be for one client alone go to everybody (`--dhcp-broadcast`). */
  readonly broadcasts: boolean;
};

/** The process of a DHCP server: it answers one request after the other. */
export class DhcpService {
  readonly server: DnsmasqDhcp;
  readonly #ground: Ground;
  readonly #settings: DhcpServiceSettings;
  readonly #stack: DhcpStack;
  #running = true;
  #busyUntil: Time = 0;
  #answers = 0;
  #sent = 0;

  constructor(ground: Ground, settings: DhcpServiceSettings, server: DnsmasqDhcp, stack: DhcpStack) {
    this.#ground = ground;
    this.#settings = settings;
    this.server = server;
    this.#stack = stack;
  }

  /** Takes in a packet for it; undefined if it is for somebody else. */
  receive(packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    const message = this.#running ? dhcpIn(packet, 'request') : undefined;
    if (!message) return undefined;
    passage.once();
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        this.#work(this.#settings.answerTime(this.#answers++), () => {
          this.#answer(message, packet.destination === this.#settings.address);
        });
      });
    });
    return delivered;
  }

  /** Is busy with something else for so long, and then `act`s. */
  occupy(span: Time, act: () => void): void {
    this.#work(span, act);
  }

  /** The process ends, and answers nobody any more. */
  stop(): void {
    this.#running = false;
  }

  #work(span: Time, act: () => void): void {
    const {engine, later} = this.#ground;
    this.#busyUntil = Math.max(this.#busyUntil, engine.now) + span;
    later.at(this.#busyUntil, () => {
      if (this.#running) act();
    });
  }

  #answer(message: Dhcp, unicast: boolean): void {
    const {engine} = this.#ground;
    const answer = this.server.hear(message, unicast, engine.now);
    if (!answer) return;
    if (answer.after === 0) this.#send(answer);
    else {
      this.#work(answer.after, () => {
        this.#send(answer);
      });
    }
  }

  #send({message, to}: DhcpAnswer): void {
    const {name, address: own, broadcasts} = this.#settings;
    const {losses, engine} = this.#ground;
    const sentAt = engine.now;
    const passage = new Passage(this.#ground, {sender: `${name}/dhcp`, number: this.#sent++}, verdict => {
      if (verdict.kind === 'dropped') losses.note('dhcp messages', verdict.reason, verdict.place, sentAt);
    });
    passage.once();
    if (to === 'everybody' || (to.injected && broadcasts)) {
      passage.finish(this.#stack.broadcast(dhcpPacket(message, own, everybody), passage));
      return;
    }
    if (to.injected) this.#stack.setNeighbour(to.address, message.clientMac);
    passage.finish(this.#stack.send(dhcpPacket(message, own, to.address), passage));
  }
}
