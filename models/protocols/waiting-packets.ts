/** sk_buff and skb_shared_info, each rounded up to whole cache lines, on a 64-bit kernel. */
const bufferHead = 256;
const sharedInfo = 320;

/** What ip_append_data leaves free around a packet for an Ethernet header. */
const headroom = 31;

/** The least that is taken for the data of a packet (skb_small_head_cache); above it powers of two. */
const smallHead = 576;

const ethernetFrame = 1514;

/**
 * The memory that Linux counts for an IP packet of this many bytes: 832 up to payloads of about 200 bytes, 1280 up to
 * 650, 2304 up to a full frame (our measurement: MEASURED.md C, queue while INCOMPLETE; for UDP over veth).
 */
export function truesize(packetBytes: number): number {
  const needed = packetBytes + headroom + sharedInfo;
  if (needed <= smallHead) return bufferHead + smallHead;
  let slab = 1024;
  while (slab < needed) slab *= 2;
  return bufferHead + slab;
}

/** `unres_qlen`, which counts packets, as the bytes that it stands for (net/core/neighbour.c, proc_unres_qlen). */
export function unresQlen(packets: number): number {
  return packets * (ethernetFrame + bufferHead + sharedInfo);
}

/** The packets that wait for a MAC, limited by the memory that they take. (arp_queue of a neighbour entry) */
export class WaitingPackets<Packet> {
  #packets: {readonly packet: Packet; readonly bytes: number}[] = [];
  #bytes = 0;

  get count(): number {
    return this.#packets.length;
  }

  /** The one that came last. */
  get latest(): Packet | undefined {
    return this.#packets.at(-1)?.packet;
  }

  /** Adds a packet and returns those that had to go for it, the oldest first. The newest is kept whatever the limit. */
  push(packet: Packet, packetBytes: number, limit: number): readonly Packet[] {
    const bytes = truesize(packetBytes);
    const gone: Packet[] = [];
    while (this.#packets.length > 0 && this.#bytes + bytes > limit) gone.push(this.shift()!);
    this.#packets.push({packet, bytes});
    this.#bytes += bytes;
    return gone;
  }

  /** Takes out the oldest. */
  shift(): Packet | undefined {
    const oldest = this.#packets.shift();
    this.#bytes -= oldest?.bytes ?? 0;
    return oldest?.packet;
  }
}
