/** An IPv4 address as an unsigned number of 32 bits. */
export type Ipv4 = number;

/** A network: its first address and the length of its prefix. */
export type Cidr = {readonly address: Ipv4; readonly length: number};

/** `10.0.2.100` */
export function formatIpv4(address: Ipv4): string {
  return [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].join('.');
}

/** Reads four decimal numbers with dots; undefined for anything else, leading zeros included. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const octets = text.split('.').map(octet => parseWhole(octet, 255));
  if (octets.length !== 4) return undefined;
  let address = 0;
  for (const octet of octets) {
    if (octet === undefined) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** `10.0.2.0/24` */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.address)}/${cidr.length}`;
}

/** Reads an address, a slash and a length; undefined for anything else and where bits after the prefix are set. */
export function parseCidr(text: string): Cidr | undefined {
  const [before, after, ...more] = text.split('/');
  if (after === undefined || more.length > 0) return undefined;
  const address = parseIpv4(before);
  const length = parseWhole(after, 32);
  if (address === undefined || length === undefined) return undefined;
  return address % sizeOf(length) === 0 ? {address, length} : undefined;
}

/** Whether the address lies in the network. */
export function contains(cidr: Cidr, address: Ipv4): boolean {
  return address >= cidr.address && address <= broadcastAddress(cidr);
}

/** Whether the networks have an address in common. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b.address) || contains(b, a.address);
}

/** The lowest address that a host can have. A /31 (RFC 3021) and a /32 have no address to spare for the network. */
export function firstHost(cidr: Cidr): Ipv4 {
  return cidr.length >= 31 ? cidr.address : cidr.address + 1;
}

/** The highest address that a host can have; all of a /31 and a /32 are hosts. */
export function lastHost(cidr: Cidr): Ipv4 {
  return cidr.length >= 31 ? broadcastAddress(cidr) : broadcastAddress(cidr) - 1;
}

/** The last address of the network, which means all its hosts up to a length of 30. */
export function broadcastAddress(cidr: Cidr): Ipv4 {
  return cidr.address + sizeOf(cidr.length) - 1;
}

/** How many addresses a prefix of this length leaves; 2^32 is beyond the shift operator. */
function sizeOf(length: number): number {
  return length === 0 ? 0x1_0000_0000 : (1 << (32 - length)) >>> 0;
}

function parseWhole(text: string, most: number): number | undefined {
  if (!/^(0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

/** The network of an address with a prefix length. */
export function networkOf({address, length}: {readonly address: Ipv4; readonly length: number}): Cidr {
  const size = 2 ** (32 - length);
  return {address: address - (address % size), length};
}

/** Whether an address stands for a group of hosts (RFC 5771). */
export function isMulticast(address: Ipv4): boolean {
  return address >>> 28 === 0xe;
}
