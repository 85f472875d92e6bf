import {milliseconds, seconds, type Time} from '../../engine/time.ts';
import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import {parseIpv4, type Ipv4} from './ipv4.ts';
import {pseudoHeader} from './pseudo-header.ts';

/** A VRRP advertisement for IPv4, not authenticated: version 2 of RFC 3768, 5.1, or version 3 of RFC 5798, 5.1. */
export type Vrrp = {
  readonly kind: 'vrrp';
  readonly version: 2 | 3;
  readonly vrid: number;
  /** 0 says that the sender gives up being master. */
  readonly priority: number;
  /** Whole seconds up to 255 in version 2, hundredths up to 4095 in version 3. */
  readonly advertInterval: Time;
  readonly addresses: readonly Ipv4[];
};

/** The protocol number of VRRP in IPv4. */
export const vrrpProtocol = 112;

/** Where advertisements go (RFC 3768, 5.2.2). */
export const vrrpGroup: Ipv4 = parseIpv4('224.0.0.18')!;

/** Advertisements that have passed a router are not believed (RFC 3768, 5.2.3). */
export const vrrpTtl = 255;

const headerSize = 8;
const addressSize = 4;
const advertisement = 1;

/** Version 2 ends with the field of its authentication, unused (RFC 3768, 5.3.10). */
const trailerSize = {2: 8, 3: 0} as const;
const unit = {2: seconds(1), 3: milliseconds(10)} as const;

export function vrrpSize({version, addresses}: Vrrp): number {
  return headerSize + addressSize * addresses.length + trailerSize[version];
}

/** Whether bytes of the protocol are an advertisement of the kinds that we know. */
export function isVrrp(bytes: Uint8Array): boolean {
  if (bytes.length < headerSize || (bytes[0] & 0x0f) !== advertisement) return false;
  const version = bytes[0] >> 4;
  if (version !== 2 && version !== 3) return false;
  if (bytes.length !== headerSize + addressSize * bytes[3] + trailerSize[version]) return false;
  if (version === 3) return bytes[4] >> 4 === 0;
  return bytes[4] === 0 && bytes.subarray(bytes.length - trailerSize[2]).every(byte => byte === 0);
}

/** Writes an advertisement; the checksum of version 3 covers the addresses of the packet around it (RFC 5798, 5.2.8). */
export function encodeVrrp(vrrp: Vrrp, source: Ipv4, destination: Ipv4): Uint8Array {
  const size = vrrpSize(vrrp);
  const withChecksum = (sum: number): Uint8Array => {
    const writer = new ByteWriter(size)
      .put((vrrp.version << 4) | advertisement, 1)
      .put(vrrp.vrid, 1)
      .put(vrrp.priority, 1)
      .put(vrrp.addresses.length, 1)
      .put(intervalField(vrrp), 2)
      .put(sum, 2);
    for (const address of vrrp.addresses) writer.put(address, addressSize);
    return writer.putBytes(new Uint8Array(trailerSize[vrrp.version])).finish();
  };
  return withChecksum(checksum(withChecksum(0), coveredBesides(vrrp.version, size, source, destination)));
}

/** Reads what `isVrrp` has found to be an advertisement. */
export function decodeVrrp(bytes: Uint8Array, source: Ipv4, destination: Ipv4): Vrrp {
  const reader = new ByteReader(bytes, 'VRRP advertisement');
  const version = reader.take(1) >> 4 === 2 ? 2 : 3;
  if (checksum(bytes, coveredBesides(version, bytes.length, source, destination)) !== 0) {
    throw new Error('the VRRP advertisement has a wrong checksum');
  }
  const vrid = reader.take(1);
  const priority = reader.take(1);
  const count = reader.take(1);
  const advertInterval = reader.take(2) * unit[version];
  reader.take(2);
  const addresses = Array.from({length: count}, () => reader.take(addressSize));
  return {kind: 'vrrp', version, vrid, priority, advertInterval, addresses};
}

/** In version 2 the type of authentication, none, stands before the interval. */
function intervalField({version, advertInterval}: Vrrp): number {
  const units = advertInterval / unit[version];
  if (units > (version === 2 ? 0xff : 0xfff)) throw new Error(`${advertInterval} us is too long for VRRP`);
  return units;
}

function coveredBesides(version: 2 | 3, size: number, source: Ipv4, destination: Ipv4): number {
  return version === 2 ? 0 : pseudoHeader(source, destination, vrrpProtocol, size);
}
