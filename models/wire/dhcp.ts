import {ByteReader, ByteWriter} from './bytes.ts';
import type {Cidr, Ipv4} from './ipv4.ts';
import type {Mac} from './mac.ts';

/** Each at the place of its code, 1 the first (RFC 2132, 9.6); decline and inform are not modelled. */
const messageTypes = ['', 'discover', 'offer', 'request', '', 'ack', 'nak', 'release'] as const;

/** What a message says. */
export type DhcpMessageType = Exclude<(typeof messageTypes)[number], ''>;

/** How a host gets its address (RFC 2131, 2), with the few options that we speak (RFC 2132). */
export type Dhcp = {
  readonly kind: 'dhcp';
  /** Who speaks: requests come from clients, replies from servers. */
  readonly operation: 'request' | 'reply';
  /** The exchange that the message belongs to, 32 bits. */
  readonly xid: number;
  /** Whether the client asks to be answered by broadcast. */
  readonly broadcast: boolean;
  /** The address that the client has and keeps or releases (ciaddr); 0 without one. */
  readonly clientAddress: Ipv4;
  /** The address that the server gives (yiaddr); 0 in requests. */
  readonly yourAddress: Ipv4;
  readonly clientMac: Mac;
  readonly messageType: DhcpMessageType;
  /** What the client calls itself: bytes in hexadecimal, with colons between (option 61). */
  readonly clientId: string | undefined;
  /** The address that a client without one asks for (option 50). */
  readonly requestedAddress: Ipv4 | undefined;
  readonly serverId: Ipv4 | undefined;
  /** 0xffff_ffff is for ever. */
  readonly leaseSeconds: number | undefined;
  /** T1 and T2, from when the lease was given. */
  readonly renewalSeconds: number | undefined;
  readonly rebindingSeconds: number | undefined;
  readonly subnetMask: Ipv4 | undefined;
  readonly router: Ipv4 | undefined;
  readonly dns: readonly Ipv4[];
  readonly mtu: number | undefined;
  /** Classless static routes, which count instead of the router where there are any (RFC 3442). */
  readonly routes: readonly DhcpRoute[];
};

/** A route that a server gives its clients; by way of 0 the network is on the link. */
export type DhcpRoute = {readonly prefix: Cidr; readonly via: Ipv4};

/** The UDP ports of the two sides (RFC 2131, 4.1). */
export const dhcpPorts = {server: 67, client: 68} as const;

/** BOOTP's least size, to which messages are padded (RFC 1542, 2.1). */
const leastSize = 300;

/** The BOOTP header, up to the magic cookie. */
const headerSize = 236;
const magicCookie = 0x6382_5363;
const ethernet = 0x0106;
const broadcastFlag = 0x8000;
const optionCodes = {
  ...{subnetMask: 1, router: 3, dns: 6, mtu: 26, requestedAddress: 50, leaseSeconds: 51, messageType: 53, serverId: 54},
  ...{renewalSeconds: 58, rebindingSeconds: 59, clientId: 61, routes: 121},
};
const end = 255;

type Option = {readonly code: number; readonly values: readonly number[]; readonly size: number};

export function isDhcpPort(port: number): boolean {
  return port === dhcpPorts.server || port === dhcpPorts.client;
}

export function dhcpSize(dhcp: Dhcp): number {
  let size = headerSize + 4 + 1;
  for (const {values, size: each} of optionsOf(dhcp)) size += 2 + values.length * each;
  return Math.max(size, leastSize);
}

export function encodeDhcp(dhcp: Dhcp): Uint8Array {
  const size = dhcpSize(dhcp);
  const writer = new ByteWriter(size)
    .put(dhcp.operation === 'request' ? 1 : 2, 1)
    .put(ethernet, 2)
    .put(0, 1)
    .put(dhcp.xid, 4)
    .put(0, 2)
    .put(dhcp.broadcast ? broadcastFlag : 0, 2)
    .put(dhcp.clientAddress, 4)
    .put(dhcp.yourAddress, 4)
    .put(0, 8)
    .put(dhcp.clientMac, 6)
    .putBytes(new Uint8Array(202))
    .put(magicCookie, 4);
  let written = headerSize + 4;
  for (const {code, values, size: each} of optionsOf(dhcp)) {
    writer.put(code, 1).put(values.length * each, 1);
    for (const value of values) writer.put(value, each);
    written += 2 + values.length * each;
  }
  return writer
    .put(end, 1)
    .putBytes(new Uint8Array(size - written - 1))
    .finish();
}

/** Reads a message; undefined for one that says more than we model, or says it in another order. */
export function decodeDhcp(bytes: Uint8Array): Dhcp | undefined {
  if (bytes.length < leastSize) return undefined;
  const reader = new ByteReader(bytes, 'DHCP message');
  const operation = reader.take(1) === 1 ? 'request' : 'reply';
  reader.takeBytes(3);
  const xid = reader.take(4);
  reader.takeBytes(2);
  const broadcast = reader.take(2) === broadcastFlag;
  const clientAddress = reader.take(4);
  const yourAddress = reader.take(4);
  reader.takeBytes(8);
  const clientMac = reader.take(6);
  reader.takeBytes(202 + 4);
  const options = readOptions(reader.takeRest());
  const messageType = messageTypes[options.get(optionCodes.messageType)?.at(0) ?? 0];
  if (messageType === undefined || messageType === '') return undefined;
  const word = (code: number) => wordsIn(options.get(code)).at(0);
  const routes = routesIn(options.get(optionCodes.routes));
  if (!routes) return undefined;
  const dhcp: Dhcp = {
    kind: 'dhcp',
    operation,
    xid,
    broadcast,
    clientAddress,
    yourAddress,
    clientMac,
    messageType,
    clientId: hexIn(options.get(optionCodes.clientId)),
    requestedAddress: word(optionCodes.requestedAddress),
    serverId: word(optionCodes.serverId),
    leaseSeconds: word(optionCodes.leaseSeconds),
    renewalSeconds: word(optionCodes.renewalSeconds),
    rebindingSeconds: word(optionCodes.rebindingSeconds),
    subnetMask: word(optionCodes.subnetMask),
    router: word(optionCodes.router),
    dns: wordsIn(options.get(optionCodes.dns)),
    mtu: mtuIn(options.get(optionCodes.mtu)),
    routes,
  };
  const again = encodeDhcp(dhcp);
  return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]) ? dhcp : undefined;
}

/** The options of a message, in the order in which they are written. */
function optionsOf(dhcp: Dhcp): readonly Option[] {
  const option = (code: number, value: number | undefined, size: number) =>
    value === undefined ? [] : [{code, values: [value], size}];
  return [
    {code: optionCodes.messageType, values: [messageTypes.indexOf(dhcp.messageType)], size: 1},
    ...bytesOption(optionCodes.clientId, dhcp.clientId?.split(':').map(byte => parseInt(byte, 16)) ?? []),
    ...option(optionCodes.requestedAddress, dhcp.requestedAddress, 4),
    ...option(optionCodes.serverId, dhcp.serverId, 4),
    ...option(optionCodes.leaseSeconds, dhcp.leaseSeconds, 4),
    ...option(optionCodes.renewalSeconds, dhcp.renewalSeconds, 4),
    ...option(optionCodes.rebindingSeconds, dhcp.rebindingSeconds, 4),
    ...option(optionCodes.subnetMask, dhcp.subnetMask, 4),
    ...option(optionCodes.router, dhcp.router, 4),
    ...(dhcp.dns.length === 0 ? [] : [{code: optionCodes.dns, values: dhcp.dns, size: 4}]),
    ...option(optionCodes.mtu, dhcp.mtu, 2),
    ...bytesOption(optionCodes.routes, dhcp.routes.flatMap(bytesOfRoute)),
  ];
}

function bytesOption(code: number, values: readonly number[]): readonly Option[] {
  return values.length === 0 ? [] : [{code, values, size: 1}];
}

/** Of the prefix only the octets that its length says are significant (RFC 3442). */
function bytesOfRoute({prefix, via}: DhcpRoute): readonly number[] {
  return [prefix.length, ...octets(prefix.address).slice(0, Math.ceil(prefix.length / 8)), ...octets(via)];
}

function octets(address: Ipv4): readonly number[] {
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256);
}

/** The options by their codes, as far as they can be read. */
function readOptions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at + 1 < bytes.length && bytes[at] !== end; at += 2 + bytes[at + 1]) {
    options.set(bytes[at], bytes.subarray(at + 2, at + 2 + bytes[at + 1]));
  }
  return options;
}

function wordsIn(bytes: Uint8Array | undefined): readonly number[] {
  if (bytes === undefined || bytes.length % 4 !== 0) return [];
  const reader = new ByteReader(bytes, 'DHCP option');
  return Array.from({length: bytes.length / 4}, () => reader.take(4));
}

function hexIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':');
}

/** Undefined of an option that cannot be read. */
function routesIn(bytes: Uint8Array | undefined): readonly DhcpRoute[] | undefined {
  const routes: DhcpRoute[] = [];
  if (bytes === undefined) return routes;
  const reader = new ByteReader(bytes, 'DHCP option');
  for (let left = bytes.length; left > 0;) {
    const length = reader.take(1);
    const significant = Math.ceil(length / 8);
    left -= 1 + significant + 4;
    if (length > 32 || left < 0) return undefined;
    const address = reader.take(significant) * 2 ** (32 - 8 * significant);
    routes.push({prefix: {address, length}, via: reader.take(4)});
  }
  return routes;
}

function mtuIn(bytes: Uint8Array | undefined): number | undefined {
  return bytes?.length === 2 ? bytes[0] * 256 + bytes[1] : undefined;
}
