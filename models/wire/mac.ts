/** An Ethernet address as a number of 48 bits, which is more than the bit operators of the language can hold. */
export type Mac = number;

/** The address of everyone on a segment. */
export const broadcastMac: Mac = 0xffff_ffff_ffff;

/** Whether frames to this address are meant for many: broadcast or multicast. */
export function isGroupMac(mac: Mac): boolean {
  const firstOctet = Math.floor(mac / 0x100_0000_0000);
  return firstOctet % 2 === 1;
}

/** `fa:16:3e:00:00:01` */
export function formatMac(mac: Mac): string {
  const digits = mac.toString(16).padStart(12, '0');
  return digits.match(/../g)!.join(':');
}

/** Reads six pairs of hexadecimal digits with colons; undefined for anything else. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/** Where packets to a group address go: its last 23 bits behind 01:00:5e (RFC 1112, 6.4). */
export function multicastMac(address: number): Mac {
  return 0x0100_5e00_0000 + (address & 0x7f_ffff);
}
