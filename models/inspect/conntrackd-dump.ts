import {toSeconds, type Time} from '../../engine/time.ts';
import {formatTuple, protocolNumber} from '../protocols/conntrack-tuple.ts';
import type {Cached, ConnectionCache} from '../protocols/conntrackd/connection-cache.ts';
import type {Conntrackd} from '../protocols/conntrackd/conntrackd.ts';
import {lines} from './lines.ts';

/** What `conntrackd` says when no daemon answers at its socket (src/main.c). */
const nobody = "can't connect: is conntrackd running? appropriate permissions?\n";

/** `conntrackd -i` or `-e`. Of connections of others the answers' tuple is not known, only how they are translated. */
export function formatCache(daemon: Conntrackd | undefined, which: 'internal' | 'external', now: Time): string {
  if (!daemon) return nobody;
  return lines(daemon[which].list().map(cached => cachedLine(cached, which === 'internal', now)));
}

/** `conntrackd -s`, without what it counts of traffic and multicast. */
export function formatCacheCounters(daemon: Conntrackd | undefined): string {
  if (!daemon) return nobody;
  return [counted('internal', daemon.internal), counted('external', daemon.external)].join('\n');
}

function cachedLine({connection, since}: Cached, showsReply: boolean, now: Time): string {
  const {original, reply, replied, assured, tcpState} = connection;
  const words = [
    `${`${original.protocol}`.padEnd(8)} ${protocolNumber(original)}`,
    ...(tcpState === undefined ? [] : [tcpState.toUpperCase().replace('-', '_')]),
    formatTuple(original),
    ...(replied ? [] : ['[UNREPLIED]']),
    ...(showsReply ? [formatTuple(reply)] : []),
    ...(assured ? ['[ASSURED]'] : []),
    `[active since ${Math.floor(toSeconds(now)) - Math.floor(toSeconds(since))}s]`,
  ];
  return words.join(' ');
}

function counted(name: string, {size, counters}: ConnectionCache): string {
  const row = (what: string, tabs: string, count: number, failed?: number): string => {
    const more = failed === undefined ? '' : `\tfailed:\t${`${failed}`.padStart(12)}`;
    return `${what}:${tabs}${`${count}`.padStart(12)}${more}`;
  };
  return lines([
    `cache ${name}:`,
    row('current active connections', '\t', size),
    row('connections created', '\t\t', counters.added, counters.addFailed),
    row('connections updated', '\t\t', counters.updated, 0),
    row('connections destroyed', '\t\t', counters.deleted, 0),
  ]);
}
