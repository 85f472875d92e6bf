import {never, seconds, type Time} from '../../engine/time.ts';
import type {Dhcp, DhcpMessageType, DhcpRoute} from '../wire/dhcp.ts';
import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {forEver, maskOf} from './dhcp-lease.ts';

/** A line of the hosts file. */
export type DhcpHost = {readonly mac: Mac; readonly address: Ipv4; readonly name: string};

/** A line of the leases file. */
export type DnsmasqLease = {
  readonly mac: Mac;
  readonly address: Ipv4;
  /** `never` is for ever, which the file writes as 0. */
  readonly expiresAt: Time;
  readonly name: string | undefined;
  readonly clientId: string | undefined;
};

/** What is given with every address. */
export type DhcpOptions = {
  readonly router: Ipv4 | undefined;
  readonly routes: readonly DhcpRoute[];
  readonly dns: readonly Ipv4[];
  readonly mtu: number | undefined;
};

export type DnsmasqSettings = {
  /** The address at which it answers, which is what it calls itself. */
  readonly address: Ipv4;
  readonly network: Cidr;
  /** The addresses that it may give to anybody; undefined where only hosts of the file get one (`--dhcp-range=…,static`). */
  readonly range: {readonly first: Ipv4; readonly last: Ipv4} | undefined;
  /** `never` is for ever. */
  readonly leaseTime: Time;
  /** `--dhcp-authoritative` */
  readonly authoritative: boolean;
  /** `--no-ping` is not given: an address of the range is pinged before it is offered. */
  readonly ping: boolean;
  readonly options: DhcpOptions;
};

/** What is said to a client, and how. */
export type DhcpAnswer = {
  readonly message: Dhcp;
  /**
   * `everybody`; to `address` as any packet goes; or, `injected`, to a client that has the address not yet: its MAC is put
   * into the neighbour table first.
   */
  readonly to: 'everybody' | {readonly address: Ipv4; readonly injected: boolean};
  /** How long the server stood still before it answered, deaf to all others. */
  readonly after: Time;
};

/** No lease is shorter (option.c). */
export const leastLease: Time = seconds(120);

/** An address is pinged for so long, and then held to be free for so long (config.h, PING_WAIT and PING_CACHE_TIME). */
const pingWait: Time = seconds(3);
const pingCache: Time = seconds(30);

const mostFuzz = 0x1_0000;

/**
 * The DHCP server of dnsmasq (2.73: rfc2131.c, lease.c, dhcp.c), which keeps leases in whole seconds. Who is not in the hosts file and not in a range is not answered.
 */
export class DnsmasqDhcp {
  readonly #settings: DnsmasqSettings;
  readonly #draw: (count: number) => number;
  #drawn = 0;
  #hosts: readonly DhcpHost[] = [];
  #hostsByMac: ReadonlyMap<Mac, DhcpHost> = new Map();
  #hostsByAddress: ReadonlyMap<Ipv4, DhcpHost> = new Map();
  readonly #leases = new Map<Ipv4, DnsmasqLease>();
  /** Where a client's lease is, by its MAC and by what it calls itself. */
  readonly #byMac = new Map<Mac, Ipv4>();
  readonly #byClientId = new Map<string, Ipv4>();
  /** No lease ends before. */
  #nextEnd: Time = never;
  readonly #pinged = new Map<Ipv4, Time>();

  /** `draw` gives luck in [0, 1), the `count`-th number of this process. */
  constructor(settings: DnsmasqSettings, draw: (count: number) => number) {
    this.#settings = settings;
    this.#draw = draw;
  }

  get hosts(): readonly DhcpHost[] {
    return this.#hosts;
  }

  get leases(): readonly DnsmasqLease[] {
    return [...this.#leases.values()];
  }

  /** Reads the hosts file, as at the start and after SIGHUP. */
  readHosts(hosts: readonly DhcpHost[]): void {
    this.#hosts = hosts;
    this.#hostsByMac = new Map(hosts.map(host => [host.mac, host]));
    this.#hostsByAddress = new Map(hosts.map(host => [host.address, host]));
  }

  /** Reads the leases file, as at the start. */
  readLeases(leases: readonly DnsmasqLease[]): void {
    for (const lease of leases) this.#keep(lease);
  }

  /** A request. `unicast`: it was sent to the server's own address. Undefined: it is ignored. */
  hear(message: Dhcp, unicast: boolean, now: Time): DhcpAnswer | undefined {
    if (message.operation !== 'request') return undefined;
    this.#prune(wholeSecond(now));
    switch (message.messageType) {
      case 'discover':
        return this.#offer(message, now);
      case 'request':
        return this.#grant(message, unicast, now);
      case 'release':
        this.#release(message);
        return undefined;
      default:
        return undefined;
    }
  }

  #offer(message: Dhcp, now: Time): DhcpAnswer | undefined {
    const {address, after} = this.#chooseFor(message, now) ?? {};
    if (address === undefined || !contains(this.#settings.network, address)) return undefined;
    return this.#answer(message, 'offer', address, leaseTimes(this.#settings.leaseTime, 0), after);
  }

  /** The configured address; else that of a lease; else the one that is asked for; else one from the range. */
  #chooseFor(message: Dhcp, now: Time): {readonly address: Ipv4; readonly after: Time} | undefined {
    const {clientMac, clientId, requestedAddress} = message;
    const host = this.#hostOf(clientMac);
    const lease = this.#leaseOf(clientMac, clientId);
    const holder = host && this.#leaseAt(host.address);
    if (host && (!holder || holder === lease || holder.mac === host.mac)) return {address: host.address, after: 0};
    if (lease && this.#isInRange(lease.address) && !this.#isReserved(lease.address)) {
      return {address: lease.address, after: 0};
    }
    const asked = requestedAddress;
    if (asked !== undefined && this.#isInRange(asked) && !this.#leaseAt(asked) && !this.#isReserved(asked)) {
      return {address: asked, after: 0};
    }
    return this.#allocate(clientMac, now);
  }

  /** The next free address from where the MAC's hash says (address_allocate). That nobody answers the ping is taken for granted. */
  #allocate(mac: Mac, now: Time): {readonly address: Ipv4; readonly after: Time} | undefined {
    const {range, address: own, ping} = this.#settings;
    if (!range) return undefined;
    const size = range.last - range.first + 1;
    const start = hashOf(mac) % size;
    for (let step = 0; step < size; step++) {
      const address = range.first + ((start + step) % size);
      if (address === own || this.#leaseAt(address) || this.#isReserved(address) || isOddInClassC(address)) continue;
      const known = (this.#pinged.get(address) ?? -never) + pingCache >= now;
      if (!known) this.#pinged.set(address, now);
      return {address, after: ping && !known ? pingWait : 0};
    }
    return undefined;
  }

  #grant(message: Dhcp, unicast: boolean, now: Time): DhcpAnswer | undefined {
    const {clientMac, clientId, requestedAddress, serverId, clientAddress} = message;
    const {address: own, authoritative} = this.#settings;
    let lease = this.#leaseOf(clientMac, clientId);
    const isSelecting = requestedAddress !== undefined && serverId !== undefined;
    const wanted = requestedAddress ?? clientAddress;
    let luck = 0;
    if (isSelecting) {
      // One that is meant for another server is not ours to refuse.
      if (serverId !== own) return authoritative ? this.#refuse(message) : undefined;
      if (lease && lease.address !== wanted) {
        this.#drop(lease);
        lease = undefined;
      }
    } else if (requestedAddress !== undefined) {
      if (!lease && !authoritative) return undefined;
      if (lease && lease.address !== wanted) return this.#refuse(message);
    } else {
      if ((lease && lease.address !== wanted) || (!lease && !authoritative)) {
        // Somebody else may hold it, if all were asked.
        return unicast ? this.#refuse(message) : undefined;
      }
      luck = this.#draw(this.#drawn++);
    }
    if (!this.#mayHave(message, wanted, isSelecting, lease)) return this.#refuse(message);
    const {leaseTime} = this.#settings;
    const expiresAt = leaseTime === never ? never : wholeSecond(now) + leaseTime;
    const host = this.#hostsByAddress.get(wanted);
    this.#keep({mac: clientMac, address: wanted, expiresAt, name: host && shortName(host.name), clientId});
    return this.#answer(message, 'ack', wanted, leaseTimes(leaseTime, luck));
  }

  #mayHave(message: Dhcp, wanted: Ipv4, isSelecting: boolean, lease: DnsmasqLease | undefined): boolean {
    const {clientMac} = message;
    const host = this.#hostOf(clientMac);
    if (!contains(this.#settings.network, wanted)) return false;
    if (!this.#isInRange(wanted) && host?.address !== wanted) return false;
    const holder = host && this.#leaseAt(host.address);
    if (!isSelecting && host && host.address !== wanted && (!holder || holder === lease)) return false;
    const reserved = this.#hostsByAddress.get(wanted);
    if (reserved && reserved.mac !== clientMac) return false;
    const other = lease ? undefined : this.#leaseAt(wanted);
    if (other && other.mac !== clientMac) return false;
    if (other) this.#drop(other);
    return true;
  }

  #release({clientMac, clientId, clientAddress, serverId}: Dhcp): void {
    const lease = this.#leaseOf(clientMac, clientId);
    if (serverId === this.#settings.address && lease?.address === clientAddress) this.#drop(lease);
  }

  #refuse(message: Dhcp): DhcpAnswer {
    return {message: this.#compose(message, 'nak', 0, {}), to: 'everybody', after: 0};
  }

  #answer(message: Dhcp, type: 'offer' | 'ack', address: Ipv4, times: Partial<Dhcp>, after: Time = 0): DhcpAnswer {
    const {network, options} = this.#settings;
    const answer = this.#compose(message, type, address, {
      ...times,
      subnetMask: maskOf(network.length),
      ...options,
    });
    return {message: answer, to: destinationOf(message, address), after};
  }

  #compose(
    {xid, broadcast, clientMac, clientAddress, clientId}: Dhcp,
    messageType: DhcpMessageType,
    yourAddress: Ipv4,
    options: Partial<Dhcp>,
  ): Dhcp {
    const isRefusal = messageType === 'nak';
    return {
      ...{kind: 'dhcp', operation: 'reply', xid, broadcast: broadcast || isRefusal},
      clientAddress: isRefusal ? 0 : clientAddress,
      ...{yourAddress, clientMac, messageType, clientId, requestedAddress: undefined},
      serverId: this.#settings.address,
      ...{leaseSeconds: undefined, renewalSeconds: undefined, rebindingSeconds: undefined},
      ...{subnetMask: undefined, router: undefined, dns: [], mtu: undefined, routes: []},
      ...options,
    };
  }

  #hostOf(mac: Mac): DhcpHost | undefined {
    return this.#hostsByMac.get(mac);
  }

  /** By what the client calls itself; by its MAC if one of the two has no name (lease_find_by_client). */
  #leaseOf(mac: Mac, clientId: string | undefined): DnsmasqLease | undefined {
    const named = clientId === undefined ? undefined : this.#leaseAt(this.#byClientId.get(clientId));
    const lease = this.#leaseAt(this.#byMac.get(mac));
    return named ?? (lease?.clientId === undefined || clientId === undefined ? lease : undefined);
  }

  #leaseAt(address: Ipv4 | undefined): DnsmasqLease | undefined {
    return address === undefined ? undefined : this.#leases.get(address);
  }

  #isReserved(address: Ipv4): boolean {
    return this.#hostsByAddress.has(address);
  }

  #isInRange(address: Ipv4): boolean {
    const {range, address: own} = this.#settings;
    return range !== undefined && address >= range.first && address <= range.last && address !== own;
  }

  #keep(lease: DnsmasqLease): void {
    const {address, mac, clientId, expiresAt} = lease;
    this.#leases.set(address, lease);
    this.#byMac.set(mac, address);
    if (clientId !== undefined) this.#byClientId.set(clientId, address);
    this.#nextEnd = Math.min(this.#nextEnd, expiresAt);
  }

  #drop({address, mac, clientId}: DnsmasqLease): void {
    this.#leases.delete(address);
    if (this.#byMac.get(mac) === address) this.#byMac.delete(mac);
    if (clientId !== undefined && this.#byClientId.get(clientId) === address) this.#byClientId.delete(clientId);
  }

  #prune(now: Time): void {
    if (this.#nextEnd >= now) return;
    this.#nextEnd = never;
    for (const lease of this.leases) {
      if (lease.expiresAt < now) this.#drop(lease);
      else this.#nextEnd = Math.min(this.#nextEnd, lease.expiresAt);
    }
  }
}

/** Lease, T1 and T2 in seconds. Renewals are spread: T1 and T2 come up to a sixteenth of the lease earlier. */
export function leaseTimes(
  leaseTime: Time,
  luck: number,
): Pick<Dhcp, 'leaseSeconds' | 'renewalSeconds' | 'rebindingSeconds'> {
  if (leaseTime === never) return {leaseSeconds: forEver, renewalSeconds: undefined, rebindingSeconds: undefined};
  const leaseSeconds = Math.floor(leaseTime / seconds(1));
  let fuzz = Math.floor(luck * mostFuzz);
  while (fuzz > Math.floor(leaseSeconds / 16)) fuzz = Math.floor(fuzz / 2);
  return {
    leaseSeconds,
    renewalSeconds: Math.floor(leaseSeconds / 2) - fuzz,
    rebindingSeconds: Math.floor(leaseSeconds / 8) * 7 - fuzz,
  };
}

/** How an answer goes out (dhcp.c, dhcp_packet). */
function destinationOf({clientAddress, broadcast}: Dhcp, address: Ipv4): DhcpAnswer['to'] {
  if (clientAddress !== 0) return {address: clientAddress, injected: false};
  return broadcast ? 'everybody' : {address, injected: true};
}

/** Its own clock counts seconds. */
function wholeSecond(now: Time): Time {
  return Math.floor(now / seconds(1)) * seconds(1);
}

/** The hash SDBM over the bytes of a MAC. */
function hashOf(mac: Mac): number {
  let hash = 0;
  for (let shift = 40; shift >= 0; shift -= 8) {
    const byte = Math.floor(mac / 2 ** shift) % 256;
    hash = (byte + (hash << 6) + (hash << 16)) >>> 0;
  }
  return hash;
}

/** Addresses that end in 0 or 255 confuse some machines. */
function isOddInClassC(address: Ipv4): boolean {
  const last = address % 256;
  return address >= 0xc000_0000 && address < 0xe000_0000 && (last === 0 || last === 255);
}

/** Without the domain, which is the server's own. */
function shortName(name: string): string {
  return name.split('.', 1)[0];
}
