import type {ConntrackEntry} from './conntrack-entry.ts';
import {inverse, type Tuple} from './conntrack-tuple.ts';

/** Where connections were translated to, by the address and port they come from (nf_nat_bysource). */
export class NatMappings {
  readonly #entries = new Map<string, ConntrackEntry[]>();

  add(entry: ConntrackEntry): void {
    const key = keyOf(entry.original);
    const entries = this.#entries.get(key);
    if (entries) entries.unshift(entry);
    else this.#entries.set(key, [entry]);
  }

  remove(entry: ConntrackEntry): void {
    const key = keyOf(entry.original);
    const rest = (this.#entries.get(key) ?? []).filter(other => other !== entry);
    if (rest.length > 0) this.#entries.set(key, rest);
    else this.#entries.delete(key);
  }

  /** How others from the same address and port leave, the newest first. */
  *of(entry: ConntrackEntry): Generator<Tuple> {
    for (const other of this.#entries.get(keyOf(entry.original)) ?? []) yield inverse(other.reply);
  }
}

function keyOf({protocol, source, sourcePort}: Tuple): string {
  return `${protocol} ${source}:${sourcePort}`;
}
