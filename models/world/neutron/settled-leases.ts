import {draw} from '../../../engine/chance.ts';
import {never, seconds, type Time} from '../../../engine/time.ts';
import {hostName, optionsFor} from '../../control/neutron/dnsmasq-files.ts';
import type {DhcpNetworkDetails} from '../../control/neutron/messages.ts';
import type {NeutronSettings} from '../../control/neutron/settings.ts';
import type {Ground} from '../../ground.ts';
import {routesIn, timersOf, type DhcpLease} from '../../protocols/dhcp-lease.ts';
import {leaseTimes, type DhcpOptions, type DnsmasqLease} from '../../protocols/dnsmasq-dhcp.ts';
import type {NeutronInventory, NeutronPort, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import {uuidOf} from '../../tables/uuid.ts';

/** What a VM calls itself: the identifier of RFC 4361 that systemd-networkd makes (dhcp-identifier.c). */
export function clientIdOf(vm: string): string {
  const digits = uuidOf('neutron', 'dhcp client', vm).replaceAll('-', '');
  const bytes = (from: number, count: number): readonly string[] =>
    Array.from({length: count}, (_, index) => digits.slice((from + index) * 2, (from + index) * 2 + 2));
  return ['ff', ...bytes(0, 4), '00', '02', '00', '00', 'ab', '11', ...bytes(4, 8)].join(':');
}

/**
 * The leases that VMs have had for long when a run begins. Each was last renewed at some moment since which less has passed
 * than makes a client renew, by the one server of its network that answered it first once; the others know it no more.
 */
export class SettledLeases {
  readonly #ground: Ground;
  readonly #inventory: NeutronInventory;
  readonly #settings: NeutronSettings;
  readonly #held = new Map<NeutronPortNumber, DhcpLease>();
  readonly #given = new Map<NeutronPortNumber, DnsmasqLease[]>();
  readonly #options = new Map<NeutronPortNumber, DhcpOptions>();

  constructor(ground: Ground, inventory: NeutronInventory, settings: NeutronSettings) {
    this.#ground = ground;
    this.#inventory = inventory;
    this.#settings = settings;
  }

  /** Gives a VM its lease, if its network is served. */
  add(vm: NeutronPort, details: DhcpNetworkDetails): void {
    const servers = details.dhcpPorts.filter(({device}) => device !== undefined);
    const luck = this.#ground.streams.of(`${vm.owner}/settled lease`);
    const server = servers.at(Math.floor(draw(luck, 0) * servers.length));
    if (server?.device === undefined) return;
    let options = this.#options.get(server.port);
    if (!options) {
      options = optionsFor(details, server.device, this.#inventory, this.#settings);
      this.#options.set(server.port, options);
    }
    const {dhcpLeaseDuration: lasts} = this.#settings;
    const timers = timersOf(lasts, leaseTimes(lasts, draw(luck, 1)));
    const givenAt: Time = lasts === never ? 0 : -Math.floor(draw(luck, 2) * timers.renewAfter);
    this.#held.set(vm.number, {
      ...{address: vm.address, length: this.#inventory.networks[vm.network].cidr.length, mtu: options.mtu},
      ...{serverId: this.#inventory.ports[server.port].address, routes: routesIn(options), givenAt, lasts, ...timers},
    });
    const expiresAt = lasts === never ? never : Math.floor(givenAt / seconds(1)) * seconds(1) + lasts;
    const {mac, address, owner} = vm;
    const given = {mac, address, expiresAt, name: hostName(address), clientId: clientIdOf(owner)};
    const others = this.#given.get(server.port);
    if (others) others.push(given);
    else this.#given.set(server.port, [given]);
  }

  /** What a VM has when the run begins. */
  heldBy(vm: NeutronPortNumber): DhcpLease | undefined {
    return this.#held.get(vm);
  }

  /** VMs that will renew before `end`, and when at the earliest. */
  *renewalsBefore(end: Time): Iterable<readonly [vm: NeutronPortNumber, at: Time]> {
    for (const [vm, {givenAt, renewAfter, lasts}] of this.#held) {
      const at = Math.max(0, givenAt + renewAfter - earliness);
      if (lasts !== never && at < end) yield [vm, at];
    }
  }

  /** What the server of a DHCP port has given. */
  givenBy(port: NeutronPortNumber): readonly DnsmasqLease[] {
    return this.#given.get(port) ?? [];
  }
}

/** Clients renew up to so much earlier than the server says. */
const earliness: Time = seconds(1);
