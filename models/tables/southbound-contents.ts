import type {ChassisNumber, PortNumber} from './topology.ts';

/** What a row of the southbound database says. A value of -1 is none. */
export type SouthboundTable =
  /** Chassis number → 1 while its row exists. */
  | 'Chassis'
  /** Port number → chassis that has claimed it. */
  | 'Port_Binding'
  /** Router and chassis → 1 while the group's row refers to the chassis. */
  | 'HA_Chassis'
  /** Router and chassis → 1 while the group's row names the chassis as one that may send to it (`ref_chassis`). */
  | 'Ref_Chassis'
  /** Router and address → MAC. */
  | 'MAC_Binding'
  /** Router and route → 1 while northd keeps the route in the logical flows. */
  | 'Route'
  /** Router and address → status of the next hop's BFD as its chassis reports it; see `next-hops.ts`. */
  | 'BFD';

export type SouthboundChange = {
  readonly table: SouthboundTable;
  readonly key: number;
  readonly value: number;
  /** The announcement from which it followed. */
  readonly cause: number;
};

type Version = {readonly number: number; readonly value: number};

/**
 * The contents of the southbound database as one log. Every reader has a watermark: how much of the log has reached it.
 * Only what changed is written down per row, so a million bindings that stay cost nothing here.
 */
export class SouthboundContents {
  readonly #initial: (table: SouthboundTable, key: number) => number;
  readonly #log: SouthboundChange[] = [];
  readonly #versions = new Map<SouthboundTable, Map<number, Version[]>>();

  /** `initial` says what stood in a row when the run began. */
  constructor(initial: (table: SouthboundTable, key: number) => number) {
    this.#initial = initial;
  }

  /** The watermark of who has heard everything. */
  get latest(): number {
    return this.#log.length;
  }

  /** Writes a row, and returns the new watermark. */
  write(change: SouthboundChange): number {
    const number = this.#log.push(change);
    let rows = this.#versions.get(change.table);
    if (!rows) this.#versions.set(change.table, (rows = new Map()));
    const versions = rows.get(change.key);
    if (versions) versions.push({number, value: change.value});
    else rows.set(change.key, [{number, value: change.value}]);
    return number;
  }

  /** The value of a row as who stands at `watermark` knows it. */
  read(table: SouthboundTable, key: number, watermark: number): number {
    const versions = this.#versions.get(table)?.get(key);
    if (versions) {
      for (let i = versions.length - 1; i >= 0; i--) {
        if (versions[i].number <= watermark) return versions[i].value;
      }
    }
    return this.#initial(table, key);
  }

  /** What was written after watermark `from` and up to `to`. */
  between(from: number, to: number): readonly SouthboundChange[] {
    return this.#log.slice(from, to);
  }
}

export const none = -1;

/** The key of a row that belongs to a router and something numbered. */
export function routerKey(router: number, what: ChassisNumber | PortNumber): number {
  return router * 0x1_0000_0000 + what;
}
