import {ByteReader, ByteWriter} from './bytes.ts';
import type {Ipv4} from './ipv4.ts';
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
  readonly serverId: Ipv4 | undefined;
  /** 0xffff_ffff is for ever. */
  readonly leaseSeconds: number | undefined;
  readonly subnetMask: Ipv4 | undefined;
  readonly router: Ipv4 | undefined;
  readonly dns: readonly Ipv4[];
  readonly mtu: number | undefined;
};

/** The UDP ports of the two sides (RFC 2131, 4.1). */
export const dhcpPorts = {server: 67, client: 68} as const;

/** BOOTP's least size, to which messages are padded (RFC 1542, 2.1). */
const leastSize = 300;

/** The BOOTP header, up to the magic cookie. */
const headerSize = 236;
const magicCookie = 0x6382_5363;
const ethernet = 0x0106;
const broadcastFlag = 0x8000;
const optionCodes = {subnetMask: 1, router: 3, dns: 6, mtu: 26, leaseSeconds: 51, messageType: 53, serverId: 54};
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
  const dhcp: Dhcp = {
    kind: 'dhcp',
    operation,
    xid,
    broadcast,
    clientAddress,
    yourAddress,
    clientMac,
    messageType,
    serverId: word(optionCodes.serverId),
    leaseSeconds: word(optionCodes.leaseSeconds),
    subnetMask: word(optionCodes.subnetMask),
    router: word(optionCodes.router),
    dns: wordsIn(options.get(optionCodes.dns)),
    mtu: mtuIn(options.get(optionCodes.mtu)),
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
    ...option(optionCodes.serverId, dhcp.serverId, 4),
    ...option(optionCodes.leaseSeconds, dhcp.leaseSeconds, 4),
    ...option(optionCodes.subnetMask, dhcp.subnetMask, 4),
    ...option(optionCodes.router, dhcp.router, 4),
    ...(dhcp.dns.length === 0 ? [] : [{code: optionCodes.dns, values: dhcp.dns, size: 4}]),
    ...option(optionCodes.mtu, dhcp.mtu, 2),
  ];
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

function mtuIn(bytes: Uint8Array | undefined): number | undefined {
  return bytes?.length === 2 ? bytes[0] * 256 + bytes[1] : undefined;
}
