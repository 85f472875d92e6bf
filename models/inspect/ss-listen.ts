import type {MetadataProxy} from '../dataplane/linux/metadata-proxy.ts';
import {lines} from './lines.ts';

/** `maxconn` of haproxy's configuration, which is also how many connections the kernel lets wait for it. */
const backlog = '1024';

/** What `ss -tln` prints of a namespace where nobody listens but the proxy of the metadata service, at `address`. */
export function formatListener({runs, port}: MetadataProxy, address: string): string {
  const heading = row('State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port');
  return lines(runs ? [heading, row('LISTEN', '0', backlog, `${address}:${port}`, '0.0.0.0:*')] : [heading]);
}

function row(state: string, received: string, sent: string, local: string, peer: string): string {
  return `${state.padEnd(8)}${received.padEnd(8)}${sent.padEnd(8)}${local.padStart(19)} ${peer.padStart(18)}`;
}
