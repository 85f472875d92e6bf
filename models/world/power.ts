import type {Daemon} from '../daemons/daemon.ts';
import type {Nic} from '../dataplane/nic.ts';
import type {Station} from '../dataplane/station.ts';

/** What of a host hangs on its power, whatever kind of host it is. */
export type Powered = {
  readonly nics: readonly Nic[];
  /** Its stack on the management network. */
  readonly management: Station;
  readonly daemons: Readonly<Record<string, Daemon>>;
};

/** The power goes in the name of `key`: cards, daemons and the stack with it. */
export function cutPower({nics, management, daemons}: Powered, key: string): void {
  for (const nic of nics) nic.cut(key);
  for (const daemon of Object.values(daemons)) daemon.kill(key, 'chassis crashed');
  management.switch(false);
}

/** The power is back: daemons start, unless something else holds them down. */
export function restorePower({nics, management, daemons}: Powered, key: string): void {
  for (const nic of nics) nic.mend(key);
  management.switch(true);
  for (const daemon of Object.values(daemons)) daemon.release(key);
}
