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
  if (protocol === 'udp' && pattern !== undefined) checkDatagrams(pattern, path, findings);
  return {
    pattern: pattern ?? (protocol === 'udp' ? 'upload' : 'ping-pong'),
    reconnect: reconnect === 'never' ? undefined : reconnect,
    confirms,
    dontFragment: entry['dont-fragment'],
    listening,
  };
}

/** What UDP can be, and what goes with it. */
function checkDatagrams(pattern: TrafficGroup['pattern'], path: Path, findings: Findings): void {
  if (pattern === 'connect' || pattern === 'ping-pong') {
    const hint = pattern === 'connect' ? 'Write protocol: tcp' : 'Write protocol: udp-echo';
    findings.mistake(findings.value([...path, 'pattern']), `udp has no pattern ${pattern}`, hint);
  } else if (pattern !== 'upload' && findings.has([...path, 'source'])) {
    findings.mistake(findings.key([...path, 'source']), 'the server would answer to somebody else');
  }
}

/** Keys that only some protocols have. */
const owned: readonly (readonly [key: string, owners: readonly string[], why: string])[] = [
  ['pattern', ['tcp', 'udp'], 'tcp and udp have'],
  ['reconnect', ['tcp'], 'tcp has'],
  ['confirms', ['udp-echo'], 'udp-echo has, and tcp does so by itself'],
  ['dont-fragment', ['udp-echo', 'udp', 'icmp-echo'], 'its packets never may be fragmented'],
  ['source', ['udp-echo', 'udp', 'icmp-echo'], 'no handshake would come about'],
  ['listening', ['udp-echo', 'udp', 'tcp'], 'kernels answer it, whoever listens'],
];
