/** Content that nobody looks into. Undefined bytes are `size` zeros, which is also what zeros are read as. */
export type Payload = {readonly kind: 'payload'; readonly size: number; readonly bytes: Uint8Array | undefined};

/** An IPv4 protocol of which only number and size are known, as OSPF (89); bytes as in `Payload`. */
export type Opaque = {
  readonly kind: 'opaque';
  readonly protocol: number;
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
};

export function encodePayload(content: Payload | Opaque): Uint8Array {
  const {size, bytes} = content;
  if (bytes === undefined) return new Uint8Array(size);
  if (bytes.length !== size) throw new Error(`a payload of ${size} bytes holds ${bytes.length}`);
  return bytes;
}

export function decodePayload(bytes: Uint8Array): Payload {
  return {kind: 'payload', size: bytes.length, bytes: copyUnlessZeros(bytes)};
}

export function decodeOpaque(protocol: number, bytes: Uint8Array): Opaque {
  return {kind: 'opaque', protocol, size: bytes.length, bytes: copyUnlessZeros(bytes)};
}

function copyUnlessZeros(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.every(byte => byte === 0) ? undefined : new Uint8Array(bytes);
}
