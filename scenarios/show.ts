import {exhibitsOf} from '../models/inspect/exhibits.ts';
import type {Exhibit} from '../models/inspect/exhibit.ts';
import type {Run} from './run.ts';

/** What there is to look at in a run, whatever its moment; tools print the state of the moment at which they are asked. */
export function thingsToShow({world}: Run): readonly Exhibit[] {
  return exhibitsOf(world);
}
