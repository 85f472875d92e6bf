/** The thing of that name, which is known to be there. */
export function byName<Thing extends {readonly name: string}>(things: Iterable<Thing>, name: string): Thing {
  for (const thing of things) if (thing.name === name) return thing;
  throw new Error(`there is no ${name}`);
}
