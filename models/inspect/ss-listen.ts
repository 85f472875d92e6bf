import type {MetadataProxy} from '../dataplane/linux/metadata-proxy.ts';
import {lines} from './lines.ts';

/** `maxconn` of haproxy's configuration, which is also how many connections the kernel lets wait for it. */
const backlog = '1024';

/** The columns of `ss -tln`: addresses and their ports are columns of their own, and the last has nothing without `-p`. */
const headings = ['State', 'Recv-Q', 'Send-Q', 'Local Address:', 'Port', 'Peer Address:', 'Port', 'Process'];

/**
 * What `ss -tln` (iproute2, misc/ss.c) writes into a pipe of a namespace where nobody listens but the proxy of the metadata
 * service, at `address`: each column as wide as its widest cell, the queues at least six.
 */
export function formatListener({runs, port}: MetadataProxy, address: string): string {
  const listener = ['LISTEN', '0'.padEnd(6), backlog.padEnd(6), `${address}:`, String(port), '0.0.0.0:', '*', ''];
  const rows = runs ? [headings, listener] : [headings];
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return lines(rows.map(row => row.map((cell, column) => fit(cell, column, widths[column])).join('')));
}

function fit(cell: string, column: number, width: number): string {
  const isAddress = headings[column].endsWith(':');
  const delimiter = column === 0 || headings[column] === 'Port' || headings[column] === 'Process' ? '' : ' ';
  return delimiter + (isAddress ? cell.padStart(width) : cell.padEnd(width));
}
