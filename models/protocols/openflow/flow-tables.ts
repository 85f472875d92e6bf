import type {Time} from '../../../engine/time.ts';
import {networkOf} from '../../wire/ipv4.ts';
import {isGroupMac} from '../../wire/mac.ts';
import {
  isSelected,
  matchFields,
  type FlowAction,
  type FlowMatch,
  type FlowPacket,
  type FlowSelection,
  type FlowSpec,
} from './flow.ts';

/** What a flow asks for; of an address with how many of its bits. */
type Field = Exclude<keyof FlowMatch, 'arpSource'> | `arpSource/${number}`;

/** A flow that is installed. */
export type Flow = FlowSpec & {
  actions: readonly FlowAction[];
  readonly installedAt: Time;
  /** Its owner's counters: of packets by their size in bytes. */
  counters: Map<number, number> | undefined;
};

/** What stands under one key: flows by falling priority, or none. Its owner may note down who relies on it. */
export type Slot = {
  readonly flows: Flow[];
  fact: number | undefined;
};

/** Flows that ask for the same fields, by what they ask for. */
type Shape = {
  readonly fields: readonly Field[];
  readonly slots: Map<Key, Slot>;
  /** The highest priority that ever was here. */
  highest: number;
};

/** What is compared. */
type Key = number | string | boolean;

/** As many MACs as there are. */
const macs = 2 ** 48;

type Table = {
  /** By falling priority. */
  shapes: Shape[];
  /** Stands for which shapes there are, and in what order. */
  readonly order: Slot;
};

/**
 * The flow tables of one bridge. As in Open vSwitch, flows that ask for the same fields are found by one look under what
 * the packet has there (lib/classifier.c), so that thousands of flows cost no more than one.
 */
export class FlowTables {
  readonly #tables = new Map<number, Table>();
  readonly #changed: (slot: Slot) => void;

  /** `changed` is told what may be found differently from now on. */
  constructor(changed: (slot: Slot) => void) {
    this.#changed = changed;
  }

  /** All flows, by table and falling priority. */
  list(): readonly Flow[] {
    const tables = [...this.#tables].sort(([a], [b]) => a - b);
    return tables.flatMap(([, {shapes}]) =>
      shapes
        .flatMap(({slots}) => [...slots.values()].flatMap(({flows}) => flows))
        .sort((a, b) => b.priority - a.priority),
    );
  }

  /** Installs a flow, in place of the one that asks for the same with the same priority (OFPFC_ADD). */
  add(spec: FlowSpec, now: Time): {readonly flow: Flow; readonly replaced: Flow | undefined} {
    const flow: Flow = {...spec, installedAt: now, counters: undefined};
    const slot = this.slotOf(spec);
    const replaced = slot.flows.find(({priority}) => priority === spec.priority);
    const others = slot.flows.filter(other => other !== replaced);
    slot.flows.length = 0;
    slot.flows.push(...[...others, flow].sort((a, b) => b.priority - a.priority));
    this.#changed(slot);
    return {flow, replaced};
  }

  /** Changes what a flow does (OFPFC_MODIFY). */
  modify(flow: Flow, actions: readonly FlowAction[]): void {
    flow.actions = actions;
    this.#changed(this.slotOf(flow));
  }

  /** Removes flows and returns them. */
  remove(selection: FlowSelection): readonly Flow[] {
    const gone: Flow[] = [];
    for (const [number, {shapes}] of this.#tables) {
      if (selection.table !== undefined && selection.table !== number) continue;
      for (const {fields, slots} of shapes) {
        const meant = this.#whole(fields, selection) ?? slots.values();
        for (const slot of meant) this.#removeFrom(slots, slot, selection, gone);
      }
    }
    return gone;
  }

  /** Everything goes. */
  clear(): void {
    this.remove({});
  }

  /** The flow of a table that a packet meets. `consulted` is told of everything that this depends on. */
  lookup(number: number, packet: FlowPacket, consulted: (slot: Slot) => void): Flow | undefined {
    const table = this.#table(number);
    consulted(table.order);
    let best: Flow | undefined;
    for (const shape of table.shapes) {
      if (best && best.priority >= shape.highest) break;
      const slot = slotIn(shape, keyOfPacket(shape.fields, packet));
      consulted(slot);
      const [first] = slot.flows as readonly (Flow | undefined)[];
      if (first && (!best || first.priority > best.priority)) best = first;
    }
    return best;
  }

  /** Where a flow of this kind stands or would stand. */
  slotOf({table: number, priority, match}: Pick<FlowSpec, 'table' | 'priority' | 'match'>): Slot {
    const table = this.#table(number);
    const fields = fieldsOf(match);
    let shape = table.shapes.find(candidate => sameFields(candidate.fields, fields));
    if (!shape || shape.highest < priority) {
      if (!shape) table.shapes.push((shape = {fields, slots: new Map(), highest: priority}));
      shape.highest = priority;
      table.shapes.sort((a, b) => b.highest - a.highest);
      this.#changed(table.order);
    }
    return slotIn(shape, keyOfMatch(fields, match));
  }

  /** The only slot that can hold what is selected, if the selection names every field. */
  #whole(fields: readonly Field[], {table, match = {}}: FlowSelection): readonly Slot[] | undefined {
    if (table === undefined || !fields.every(field => wantedOf(field, match) !== undefined)) return undefined;
    const shape = this.#tables.get(table)?.shapes.find(candidate => candidate.fields === fields);
    const slot = shape?.slots.get(keyOfMatch(fields, match));
    return slot ? [slot] : [];
  }

  #removeFrom(slots: Map<Key, Slot>, slot: Slot, selection: FlowSelection, gone: Flow[]): void {
    const meant = slot.flows.filter(flow => isSelected(flow, selection));
    if (meant.length === 0) return;
    const rest = slot.flows.filter(flow => !meant.includes(flow));
    slot.flows.length = 0;
    slot.flows.push(...rest);
    gone.push(...meant);
    if (rest.length === 0 && slot.fact === undefined) {
      slots.delete(keyOfMatch(fieldsOf(meant[0].match), meant[0].match));
    } else this.#changed(slot);
  }

  #table(number: number): Table {
    let table = this.#tables.get(number);
    if (!table) this.#tables.set(number, (table = {shapes: [], order: {flows: [], fact: undefined}}));
    return table;
  }
}

function slotIn({slots}: Shape, key: Key): Slot {
  let slot = slots.get(key);
  if (!slot) slots.set(key, (slot = {flows: [], fact: undefined}));
  return slot;
}

function fieldsOf(match: FlowMatch): readonly Field[] {
  return matchFields.flatMap((field): readonly Field[] => {
    if (match[field] === undefined) return [];
    return [field === 'arpSource' ? `arpSource/${match.arpSource?.length ?? 0}` : field];
  });
}

function sameFields(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length && a.every((field, index) => field === b[index]);
}

function keyOfMatch(fields: readonly Field[], match: FlowMatch): Key {
  let key: Key = '';
  for (let index = 0; index < fields.length; index++) key = joined(index, key, wantedOf(fields[index], match));
  return key;
}

/** What comes next into a key: numbers as long as they fit, since most flows ask for a port or for a VLAN and a MAC. */
function joined(index: number, key: Key, part: Key | undefined): Key {
  if (index === 0) return part ?? 'nothing';
  const fits = index === 1 && typeof key === 'number' && typeof part === 'number' && key < 32 && part < macs;
  return fits ? key * macs + part : `${key}/${part}`;
}

function wantedOf(field: Field, match: FlowMatch): Key | undefined {
  return isArpSource(field) ? match.arpSource?.address : match[field];
}

function isArpSource(field: Field): field is `arpSource/${number}` {
  return field.startsWith('arpSource/');
}

function keyOfPacket(fields: readonly Field[], packet: FlowPacket): Key {
  let key: Key = '';
  for (let index = 0; index < fields.length; index++) key = joined(index, key, valueOf(fields[index], packet));
  return key;
}

function valueOf(field: Field, {inPort, frame, tunnel}: FlowPacket): Key | undefined {
  if (isArpSource(field)) {
    if (frame.payload.kind !== 'arp') return undefined;
    return networkOf({address: frame.payload.senderIp, length: Number(field.slice('arpSource/'.length))}).address;
  }
  switch (field) {
    case 'inPort':
      return inPort;
    case 'vlan':
      return frame.vlan ?? 'none';
    case 'tunnel':
      return tunnel;
    case 'source':
      return frame.source;
    case 'destination':
      return frame.destination;
    case 'group':
      return isGroupMac(frame.destination);
    case 'payload':
      return frame.payload.kind;
    case 'arpTarget':
      return frame.payload.kind === 'arp' ? frame.payload.targetIp : undefined;
    case 'arpTargetMac':
      return frame.payload.kind === 'arp' ? frame.payload.targetMac : undefined;
  }
}
