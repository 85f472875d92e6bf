/**
 * The order in which ovs-vswitchd goes through the ports of a bridge: that of its hash table (vswitchd/bridge.c, `ports`;
 * lib/hmap.h; lib/hash.h as compiled without SSE 4.2). On our bench gw1 always began BFD to cn1 first and to gw2 last. Of
 * ports in one bucket the order goes back to row numbers that are random there; here they keep the order they come in.
 */
export function inPortOrder(names: readonly string[]): readonly string[] {
  const mask = tableMask(names.length + bridgeOwnPorts);
  const bucketed = names.map(name => ({name, bucket: hashOf(name) & mask}));
  return bucketed.sort((a, b) => a.bucket - b.bucket).map(({name}) => name);
}

/** br-int itself and the patch port to br-ex. Ports of VMs are left out: they matter where they make the table grow. */
const bridgeOwnPorts = 2;

/** A table has four buckets at least, and grows when there are more than two entries for each. */
function tableMask(entries: number): number {
  let mask = 3;
  while (Math.floor(entries / 2) > mask) mask = mask * 2 + 1;
  return mask;
}

/** MurmurHash3 of the name's bytes, four at a time, the lowest first. */
function hashOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at += 4) {
    let word = 0;
    for (let i = at; i < Math.min(at + 4, name.length); i++) word |= name.charCodeAt(i) << (8 * (i - at));
    hash ^= Math.imul(rotated(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593);
    hash = (Math.imul(rotated(hash, 13), 5) + 0xe654_6b64) | 0;
  }
  hash ^= name.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
