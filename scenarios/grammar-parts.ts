import {z} from 'zod';

/** A map with these keys and no others. The message of an unknown key's issue is the list of those that are known. */
export function keys<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, {error: ({code}) => (code === 'unrecognized_keys' ? known : undefined)});
}

export function optionalList<Item extends z.ZodType>(item: Item) {
  return z.array(item).default([]);
}
