import {Table} from '../../engine/table.ts';
import type {Time} from '../../engine/time.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {Udp} from '../wire/udp.ts';

/** The side of a provider bridge that a frame comes from. */
export type Side = 'inside' | 'outside';

/**
 * What a datapath flow of a provider bridge carries, by number: the same number at every bridge. A number that no bridge has
 * used for long may be given to another flow.
 */
export type DatapathFlow = number;

/** A bridge that counts packets of some flows itself. */
export type FlowUser = {
  /** Whether it has counted one of a flow after `since`. */
  uses(flow: DatapathFlow, since: Time): boolean;
  /** The number is no flow's any more. */
  forget(flow: DatapathFlow): void;
};

const none = -1;
const untagged = 0x1000;

/**
 * Which bridges have a datapath flow for what, and since when no packet has used it. A flooded frame makes a flow on every
 * bridge at once: bridges that last saw the same at the same instant share a row, 32 of them a word.
 */
export class DatapathFlows {
  readonly #flows = new Table({
    source: 'number',
    destination: 'number',
    /** Side, tag and kind of content in one. */
    label: 'number',
    from: 'word',
    to: 'word',
    ports: 'word',
    nextAlike: 'row',
    firstSeen: 'row',
  });
  readonly #seen = new Table({at: 'number', block: 'row', bridges: 'word', next: 'row'});
  readonly #kinds = new Map<string, number>();
  #buckets = new Int32Array(1024).fill(none);
  readonly #users: FlowUser[] = [];
  /** A flooded frame comes to all bridges one after the other. */
  #latest: {readonly frame: Frame; readonly side: Side; readonly flow: DatapathFlow} | undefined;

  /** How many flows have a number. */
  get count(): number {
    return this.#flows.count;
  }

  /** Takes in a bridge and returns its number. */
  addBridge(user: FlowUser): number {
    return this.#users.push(user) - 1;
  }

  /**
   * The flow that a frame belongs to. Connection tracking gives every connection a datapath flow of its own. What was last
   * used at `forgetUntil` or before is of no use any more.
   */
  of(frame: Frame, side: Side, forgetUntil: Time): DatapathFlow {
    if (this.#latest?.frame !== frame || this.#latest.side !== side) {
      this.#latest = {frame, side, flow: this.#find(frame, side, forgetUntil)};
    }
    return this.#latest.flow;
  }

  /** A packet of the flow came to a bridge. What was last seen at `forgetUntil` or before is of no use any more. */
  see(flow: DatapathFlow, bridge: number, now: Time, forgetUntil: Time): void {
    const [block, bit] = placeOf(bridge);
    const {at, block: blocks, bridges, next} = this.#seen.columns;
    let present = none;
    let previous = none;
    for (let row = this.#flows.columns.firstSeen[flow]; row !== none;) {
      const following = next[row];
      if (blocks[row] === block) {
        if (at[row] === now) present = row;
        else bridges[row] &= ~bit;
      }
      if (bridges[row] === 0 || at[row] <= forgetUntil) this.#remove(flow, row, previous);
      else previous = row;
      row = following;
    }
    if (present === none) this.#add(flow, block, bit, now);
    else bridges[present] |= bit;
  }

  /** Whether a packet of the flow came to a bridge after `since`. */
  seenSince(flow: DatapathFlow, bridge: number, since: Time): boolean {
    const [block, bit] = placeOf(bridge);
    const {at, block: blocks, bridges, next} = this.#seen.columns;
    for (let row = this.#flows.columns.firstSeen[flow]; row !== none; row = next[row]) {
      if (blocks[row] === block && (bridges[row] & bit) !== 0) return at[row] > since;
    }
    return false;
  }

  /** A bridge has no flows any more. */
  forgetBridge(bridge: number): void {
    const [block, bit] = placeOf(bridge);
    const {block: blocks, bridges} = this.#seen.columns;
    for (let row = 0; row < this.#seen.end; row++) {
      // A row without bridges goes when its flow is seen again.
      if (this.#seen.has(row) && blocks[row] === block) bridges[row] &= ~bit;
    }
  }

  #add(flow: DatapathFlow, block: number, bit: number, now: Time): void {
    const row = this.#seen.add();
    const {at, block: blocks, bridges, next} = this.#seen.columns;
    const {firstSeen} = this.#flows.columns;
    at[row] = now;
    blocks[row] = block;
    bridges[row] = bit;
    next[row] = firstSeen[flow];
    firstSeen[flow] = row;
  }

  #remove(flow: DatapathFlow, row: number, previous: number): void {
    const {next} = this.#seen.columns;
    if (previous === none) this.#flows.columns.firstSeen[flow] = next[row];
    else next[previous] = next[row];
    this.#seen.remove(row);
  }

  #find(frame: Frame, side: Side, forgetUntil: Time): DatapathFlow {
    const {source, destination, payload, vlan = untagged} = frame;
    const isArp = payload.kind === 'arp';
    const label = (this.#kindOf(isArp ? payload.operation : payload.payload.kind) * 2 * untagged + vlan) * 2;
    const key: Key = {
      source,
      destination,
      label: side === 'inside' ? label : label + 1,
      from: isArp ? 0 : payload.source,
      to: isArp ? 0 : payload.destination,
      ports: isArp || payload.payload.kind !== 'udp' ? 0 : portsOf(payload.payload),
    };
    const bucket = hash(key) & (this.#buckets.length - 1);
    const {nextAlike} = this.#flows.columns;
    for (let flow = this.#buckets[bucket]; flow !== none; flow = nextAlike[flow]) {
      if (this.#carries(flow, key)) return flow;
    }
    return this.#addFlow(key, forgetUntil);
  }

  #carries(flow: DatapathFlow, key: Key): boolean {
    const {source, destination, label, from, to, ports} = this.#flows.columns;
    return (
      from[flow] === key.from &&
      ports[flow] === key.ports &&
      to[flow] === key.to &&
      label[flow] === key.label &&
      source[flow] === key.source &&
      destination[flow] === key.destination
    );
  }

  #addFlow(key: Key, forgetUntil: Time): DatapathFlow {
    if (this.#flows.count >= this.#buckets.length) this.#makeRoom(forgetUntil);
    const flow = this.#flows.add();
    const {columns} = this.#flows;
    columns.source[flow] = key.source;
    columns.destination[flow] = key.destination;
    columns.label[flow] = key.label;
    columns.from[flow] = key.from;
    columns.to[flow] = key.to;
    columns.ports[flow] = key.ports;
    columns.firstSeen[flow] = none;
    this.#chain(flow, key);
    return flow;
  }

  #chain(flow: DatapathFlow, key: Key): void {
    const bucket = hash(key) & (this.#buckets.length - 1);
    this.#flows.columns.nextAlike[flow] = this.#buckets[bucket];
    this.#buckets[bucket] = flow;
  }

  /** Forgets the flows that no bridge uses; there are more buckets from now on if that leaves more than half. */
  #makeRoom(forgetUntil: Time): void {
    for (let flow = 0; flow < this.#flows.end; flow++) {
      if (!this.#flows.has(flow) || this.#isUsed(flow, forgetUntil)) continue;
      for (const user of this.#users) user.forget(flow);
      this.#flows.remove(flow);
    }
    const isCrowded = this.#flows.count > this.#buckets.length / 2;
    this.#buckets = new Int32Array(this.#buckets.length * (isCrowded ? 2 : 1)).fill(none);
    this.#chainAll();
  }

  #isUsed(flow: DatapathFlow, since: Time): boolean {
    const {at, next} = this.#seen.columns;
    for (let row = this.#flows.columns.firstSeen[flow]; row !== none;) {
      const following = next[row];
      if (at[row] <= since) this.#remove(flow, row, none);
      else return true;
      row = following;
    }
    return this.#users.some(user => user.uses(flow, since));
  }

  #chainAll(): void {
    const {source, destination, label, from, to, ports} = this.#flows.columns;
    for (let flow = 0; flow < this.#flows.end; flow++) {
      if (!this.#flows.has(flow)) continue;
      this.#chain(flow, {
        source: source[flow],
        destination: destination[flow],
        label: label[flow],
        from: from[flow],
        to: to[flow],
        ports: ports[flow],
      });
    }
  }

  #kindOf(word: string): number {
    let kind = this.#kinds.get(word);
    if (kind === undefined) this.#kinds.set(word, (kind = this.#kinds.size));
    return kind;
  }
}

type Key = {
  readonly source: Mac;
  readonly destination: Mac;
  readonly label: number;
  readonly from: Ipv4;
  readonly to: Ipv4;
  readonly ports: number;
};

function placeOf(bridge: number): readonly [block: number, bit: number] {
  return [bridge >>> 5, 1 << (bridge & 31)];
}

function portsOf({sourcePort, destinationPort}: Udp): number {
  return sourcePort * 0x1_0000 + destinationPort;
}

/** The operators take the last 32 bits of a MAC, which is where addresses differ. */
function hash({source, destination, label, from, to, ports}: Key): number {
  let mixed = 0;
  for (const word of [source, destination, label, from, to, ports]) {
    mixed = Math.imul(mixed ^ word, 0x9e37_79b1);
    mixed ^= mixed >>> 15;
  }
  return mixed;
}
