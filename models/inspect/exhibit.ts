/** One tool, and what it prints. */
export type Tool = {
  /** As it is typed on the real machine: `ip neigh`. */
  readonly words: string;
  /** What it prints of a place at the present moment, with line ends as the real tool has them. */
  show(place: string): string;
};

/** Places of one kind, each of which is looked at with the same tools. */
export type Exhibit = {
  readonly title: string;
  /** As they are typed: `gw1`, `gw1 qrouter-r1`. One empty word where the tools need no place. */
  readonly places: readonly string[];
  readonly tools: readonly Tool[];
  /** Why there are no tools, if there are none. */
  readonly remark?: string;
  /** What else a place may be called. */
  alias?(place: string): string;
};

/** What a tool would say on a machine that has no power. */
export function switchedOff(name: string): string {
  return `${name} is switched off\n`;
}
