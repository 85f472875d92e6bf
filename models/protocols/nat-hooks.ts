import type {Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {ConntrackEntry} from './conntrack-entry.ts';
import {inverse} from './conntrack-tuple.ts';
import type {LinuxConntrack} from './linux-conntrack.ts';
import {evaluateNat, type NatHook, type NatTable} from './nat-rules.ts';

/** How the first packet of a connection goes through the namespace. */
export type NatPassage = {
  /** The device it came in by; undefined for the host's own. */
  readonly input?: string;
  readonly output?: string;
  readonly mark: number;
  /** The address that REDIRECT sends to: the first one of the input device, or 127.0.0.1. */
  readonly redirectTo?: Ipv4;
};

/**
 * Lets a connection that is not confirmed pass a hook of the nat table. Forwarded packets pass PREROUTING and POSTROUTING,
 * those for the host PREROUTING and INPUT, the host's own OUTPUT and POSTROUTING.
 */
export function passNatHook(
  conntrack: LinuxConntrack,
  table: NatTable,
  hook: NatHook,
  entry: ConntrackEntry,
  passage: NatPassage,
  now: Time,
): void {
  const {destinationTranslated} = entry;
  const verdict = evaluateNat(table, hook, {...passage, tuple: inverse(entry.reply), destinationTranslated});
  const changesSource = hook === 'POSTROUTING' || hook === 'INPUT';
  switch (verdict.kind) {
    case 'dnat':
      conntrack.translateDestination(entry, verdict.to);
      break;
    case 'redirect':
      conntrack.translateDestination(entry, passage.redirectTo ?? inverse(entry.reply).destination, verdict.port);
      break;
    case 'snat':
      {
        const {to: address, ports, random} = verdict;
        conntrack.translateSource(entry, {address, random: random !== undefined, ...(ports && {ports})}, now);
      }
      break;
    case 'accept':
      if (changesSource) conntrack.keepSource(entry, now);
  }
}
