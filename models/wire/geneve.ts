import {ByteReader, ByteWriter} from './bytes.ts';
import {decodeFrameWithin, encodeFrame, frameSize, type Frame} from './frame.ts';
import {oneTunnelMore} from './tunnel-depth.ts';

/** A frame in a tunnel (RFC 8926, 3.4). */
export type Geneve = {
  readonly kind: 'geneve';
  /** The tunnel key of the logical datapath, 24 bits; 0 for the BFD of the tunnel itself. */
  readonly vni: number;
  readonly oam: boolean;
  /** Whether an option is set that the other end has to understand, as OVN's is. */
  readonly critical: boolean;
  /** OVN's own option: the keys of the logical ports, 15 bits and 16 (ovn-architecture(7), Tunnel Encapsulations). */
  readonly ovn: {readonly ingress: number; readonly egress: number} | undefined;
  readonly payload: Frame;
};

/** The UDP port that tunnels end at (RFC 8926, 3.3). */
export const genevePort = 6081;

const headerSize = 8;
const ovnOptionSize = 8;
const ethernetInside = 0x6558;

/** Class 0x0102, type 0x80 (critical), one word of content. */
const ovnOption = 0x0102_8001;

export function geneveSize(geneve: Geneve): number {
  return headerSize + (geneve.ovn ? ovnOptionSize : 0) + frameSize(geneve.payload);
}

export function encodeGeneve(geneve: Geneve): Uint8Array {
  const {ovn} = geneve;
  const writer = new ByteWriter(geneveSize(geneve))
    .put(ovn ? ovnOptionSize / 4 : 0, 1)
    .put((geneve.oam ? 0x80 : 0) | (geneve.critical ? 0x40 : 0), 1)
    .put(ethernetInside, 2)
    .put(geneve.vni, 3)
    .put(0, 1);
  if (ovn) {
    if (ovn.ingress > 0x7fff) throw new Error(`the ingress key ${ovn.ingress} does not fit into 15 bits`);
    writer.put(ovnOption, 4).put(ovn.ingress, 2).put(ovn.egress, 2);
  }
  return writer.putBytes(encodeFrame(geneve.payload)).finish();
}

/** Reads a tunnel within so many others. */
export function decodeGeneve(bytes: Uint8Array, tunnels: number): Geneve {
  const deeper = oneTunnelMore(tunnels);
  const reader = new ByteReader(bytes, 'Geneve header');
  const versionAndOptions = reader.take(1);
  if (versionAndOptions >> 6 !== 0) throw new Error(`the Geneve version ${versionAndOptions >> 6} is not known`);
  const flags = reader.take(1);
  const inside = reader.take(2);
  if (inside !== ethernetInside) throw new Error(`the Geneve tunnel holds ${hex(inside, 4)} instead of Ethernet`);
  const vni = reader.take(3);
  const reserved = reader.take(1);
  if ((flags & 0x3f) !== 0 || reserved !== 0) throw new Error('the Geneve header has reserved bits set');
  return {
    kind: 'geneve',
    vni,
    oam: (flags & 0x80) !== 0,
    critical: (flags & 0x40) !== 0,
    ovn: decodeOptions(reader.takeBytes((versionAndOptions & 0x3f) * 4)),
    payload: decodeFrameWithin(reader.takeRest(), deeper),
  };
}

function decodeOptions(bytes: Uint8Array): Geneve['ovn'] {
  if (bytes.length === 0) return undefined;
  const reader = new ByteReader(bytes, 'Geneve option');
  const option = reader.take(4);
  if (option !== ovnOption || bytes.length !== ovnOptionSize) {
    throw new Error(`the Geneve options, ${bytes.length} bytes from ${hex(option, 8)}, are not OVN's one option`);
  }
  const ingress = reader.take(2);
  if (ingress > 0x7fff) throw new Error("OVN's Geneve option has its reserved bit set");
  return {ingress, egress: reader.take(2)};
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
