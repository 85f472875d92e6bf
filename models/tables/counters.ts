/** What is counted on a chassis or host, in the words of `counters.csv`. */
export type CounterName =
  | 'bfd packets sent'
  | 'bfd packets received'
  | 'tunnel packets sent'
  | 'tunnel packets received'
  | 'provider packets sent'
  | 'provider packets received'
  | 'arp requests sent'
  | 'arp replies sent'
  | 'announcements sent'
  | 'vrrp adverts sent'
  | 'vrrp adverts received'
  | 'gratuitous arps sent'
  | 'connection messages sent'
  | 'connection messages received'
  | 'connections not committed'
  | 'frames switched'
  | 'frames refused'
  | 'neighbours evicted'
  | 'neighbours refused'
  | 'flood copies'
  | 'flood copies of arp'
  | 'flood copies of broadcasts'
  | 'flood copies of multicasts'
  | 'flood copies of unknown unicasts'
  | 'icmp errors sent'
  | 'translations';

/** A counter of one owner, by its number. */
export type Counter = number;

/** Counters of everything, made when first asked for. */
export class Counters {
  readonly #numbers = new Map<string, Map<CounterName, Counter>>();
  readonly #values: number[] = [];

  /** The number of the owner's counter. */
  of(owner: string, name: CounterName): Counter {
    let own = this.#numbers.get(owner);
    if (!own) this.#numbers.set(owner, (own = new Map()));
    let counter = own.get(name);
    if (counter === undefined) own.set(name, (counter = this.#values.push(0) - 1));
    return counter;
  }

  /** A counter that is not listed: somebody in the model reads it. */
  unlisted(): Counter {
    return this.#values.push(0) - 1;
  }

  value(counter: Counter): number {
    return this.#values[counter];
  }

  add(counter: Counter, count = 1): void {
    this.#values[counter] += count;
  }

  /** All counters in order of owner and name. */
  list(): readonly {readonly owner: string; readonly name: CounterName; readonly value: number}[] {
    return [...this.#numbers]
      .flatMap(([owner, own]) => [...own].map(([name, counter]) => ({owner, name, value: this.#values[counter]})))
      .sort((a, b) => compareText(a.owner, b.owner) || compareText(a.name, b.name));
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
