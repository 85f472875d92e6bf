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

type Waiting<Packet> = {readonly packet: Packet; isWhole: boolean};

/**
 * The packets that wait for a MAC, limited by the memory that they take. A fragment is a buffer of its own, and goes alone;
 * what is left of its packet stays, though it is of no use to anybody. (arp_queue of a neighbour entry)
 */
export class WaitingPackets<Packet> {
  #buffers: {readonly of: Waiting<Packet>; readonly bytes: number}[] = [];
  #bytes = 0;

  /** The one that came last. */
  get latest(): Packet | undefined {
    return this.#buffers.at(-1)?.of.packet;
  }

  /** Packets of which nothing is lost, in the order in which they came. */
  get whole(): readonly Packet[] {
    return [...new Set(this.#buffers.map(buffer => buffer.of))].flatMap(({packet, isWhole}) =>
      isWhole ? [packet] : [],
    );
  }

  /**
   * Adds a packet, `sizes` being the bytes of its buffers, and returns the packets that lost something by that, the oldest
   * first. The newest buffer is kept whatever the limit.
   */
  push(packet: Packet, sizes: readonly number[], limit: number): readonly Packet[] {
    const gone: Packet[] = [];
    const waiting = {packet, isWhole: true};
    for (const size of sizes) {
      const bytes = truesize(size);
      while (this.#buffers.length > 0 && this.#bytes + bytes > limit) {
        const {of, bytes: freed} = this.#buffers.shift()!;
        this.#bytes -= freed;
        if (of.isWhole) gone.push(of.packet);
        of.isWhole = false;
      }
      this.#buffers.push({of: waiting, bytes});
      this.#bytes += bytes;
    }
    return gone;
  }
}
