import type {Time} from '../../engine/time.ts';
import {formatEntry, type ConntrackEntry} from '../protocols/conntrack-entry.ts';
import {lines} from './lines.ts';

/** `conntrack -L`, which sets the names of protocols in a column (libnetfilter_conntrack, snprintf_default.c). */
export function formatConnections(entries: readonly ConntrackEntry[], now: Time): string {
  return lines(entries.map(entry => formatEntry(entry, now).replace(/^\S+/, name => name.padEnd(8))));
}
