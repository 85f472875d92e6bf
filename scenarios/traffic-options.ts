import type {Findings, Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {TrafficGroup} from './scenario.ts';

type TrafficDraft = Draft['traffic'][string];

/** What else a group says of its packets, checked for whether its protocol has such a thing. */
export function readOptions(
  entry: TrafficDraft,
  path: Path,
  findings: Findings,
): Pick<TrafficGroup, 'pattern' | 'reconnect' | 'confirms' | 'dontFragment' | 'listening'> {
  const {protocol, pattern, reconnect, confirms, listening} = entry;
  for (const [key, owners, message] of owned) {
    if (owners.includes(protocol) || !findings.has([...path, key])) continue;
    findings.mistake(findings.key([...path, key]), `${protocol} has no ${key}: ${message}`);
  }
  return {
    pattern,
    reconnect: reconnect === 'never' ? undefined : reconnect,
    confirms,
    dontFragment: entry['dont-fragment'],
    listening,
  };
}

/** Keys that only some protocols have. */
const owned: readonly (readonly [key: string, owners: readonly string[], why: string])[] = [
  ['pattern', ['tcp'], 'tcp has'],
  ['reconnect', ['tcp'], 'tcp has'],
  ['confirms', ['udp-echo'], 'udp-echo has, and tcp does so by itself'],
  ['dont-fragment', ['udp-echo', 'udp', 'icmp-echo'], 'its packets never may be fragmented'],
  ['source', ['udp-echo', 'udp', 'icmp-echo'], 'no handshake would come about'],
  ['listening', ['udp-echo', 'udp', 'tcp'], 'kernels answer it, whoever listens'],
];
