import type {Time} from '../../../engine/time.ts';
import type {RouterNumber} from '../../tables/neutron-inventory.ts';
import type {RouterDetails} from './messages.ts';

/** Lower goes first (neutron/agent/l3/agent.py): what the server tells comes before a full sync. */
export const fromServer = 1;
export const fromFullSync = 2;

/** How often an update is tried in all (resource_processing_queue.py). */
const tries = 5;

export type RouterUpdate = {
  readonly router: RouterNumber;
  readonly action: 'update' | 'delete';
  readonly priority: typeof fromServer | typeof fromFullSync;
  /** What is known of the router; undefined if the server must be asked. */
  readonly details: RouterDetails | undefined;
  /** When that was asked for, or the update came. */
  readonly timestamp: Time;
  readonly triesLeft: number;
  /** The announcement from which it followed. */
  readonly cause: number;
};

export function newUpdate(update: Omit<RouterUpdate, 'triesLeft'>): RouterUpdate {
  return {...update, triesLeft: tries};
}
