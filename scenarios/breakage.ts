import type {LanDraft} from './grammar-lans.ts';
import type {Draft} from './grammar.ts';
import type {Breakage, Nic} from './scenario.ts';

/** A fault of a file, whatever the file is about. */
export type AnyFault = Draft['faults'][string] | LanDraft['faults'][string];

/** What the words of the file do to the cloud: a few of them are the same thing seen from two sides. */
export function breakageOf(entry: AnyFault): Breakage {
  switch (entry.break) {
    case 'link':
      return {kind: 'link', nic: entry.nic};
    case 'black-hole':
    case 'one-way':
      return {kind: 'black-hole', nic: entry.nic, direction: entry.direction};
    case 'drop': {
      const {nic, direction, protocol} = entry;
      return {kind: 'drop', nic, direction, match: {protocol, port: 'port' in entry ? entry.port : undefined}};
    }
    case 'loss':
      return {kind: 'loss', nic: entry.nic, direction: entry.direction, rate: entry.rate};
    case 'latency': {
      const {nic, direction, add, jitter} = entry;
      return {kind: 'latency', nic, direction, add, jitter};
    }
    case 'chassis':
    case 'machine':
      return {kind: 'chassis'};
    case 'southbound':
      if (entry.how === 'kill') return {kind: 'daemon', daemon: 'ovsdb-server-sb', how: 'kill'};
      return {kind: 'southbound', how: entry.how};
    case 'script':
      return {kind: 'script', script: entry.script};
    case 'bus':
      return {kind: 'bus', how: entry.how};
    default:
      return {kind: 'daemon', daemon: entry.break, how: entry.how};
  }
}

/** The interface that the fault is about, if it is about one. */
export function nicOf(entry: AnyFault): Nic | undefined {
  return 'nic' in entry ? entry.nic : undefined;
}
