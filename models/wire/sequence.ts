/** Sequence numbers of TCP, which go round after 32 bits (RFC 9293, 3.4). */
const space = 2 ** 32;

export function advanced(sequence: number, by: number): number {
  return (((sequence + by) % space) + space) % space;
}

/** Whether `a` comes after `b`: less than half the space lies between them. */
export function isAfter(a: number, b: number): boolean {
  return a !== b && advanced(a, -b) < space / 2;
}
