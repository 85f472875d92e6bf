/**
 * The checksum of the Internet protocols (RFC 1071): the complement of the ones' complement sum of all words of 16
 * bits. `sum` is what was added up elsewhere, such as a pseudo header. Bytes that hold their own checksum give 0.
 */
export function checksum(bytes: Uint8Array, sum = 0): number {
  let total = sum;
  for (let i = 0; i < bytes.length; i += 2) {
    const low = i + 1 < bytes.length ? bytes[i + 1] : 0;
    total += bytes[i] * 256 + low;
  }
  while (total > 0xffff) total = (total % 0x1_0000) + Math.floor(total / 0x1_0000);
  return 0xffff - total;
}
