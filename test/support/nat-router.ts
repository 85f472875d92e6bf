import {formatEntry, translated} from '../../models/protocols/conntrack-entry.ts';
import type {ConntrackSettings} from '../../models/protocols/conntrack-settings.ts';
import type {TcpSegment} from '../../models/protocols/conntrack-tcp.ts';
import {inverse, type Tuple} from '../../models/protocols/conntrack-tuple.ts';
import {passNatHook} from '../../models/protocols/nat-hooks.ts';
import type {NatTable} from '../../models/protocols/nat-rules.ts';
import {centralNatTable, externalIngressMark, type CentralNat} from '../../models/protocols/neutron-nat-rules.ts';
import {ip, NatBench, segment} from './nat-bench.ts';

/** A router with one floating address, as the bench had it: rules as they were before `--random-fully`. */
export const routerWithFloatingIp: CentralNat = {
  gateway: {device: 'qg-0c1d2e3f-4a', address: ip('203.0.113.10'), snat: true},
  floatingIps: [{floating: ip('203.0.113.50'), fixed: ip('10.0.0.5')}],
  metadataPort: 9697,
  release: {randomFully: false, matchesInput: false},
};

export type Where = 'outside' | 'inside' | 'router';

/** A qrouter whose rules can be exchanged; what leaves is sent to wherever the translated destination is. */
export class NatRouter {
  readonly bench: NatBench;
  nat: NatTable = centralNatTable(routerWithFloatingIp);

  constructor(conntrack: Partial<ConntrackSettings> = {}, seed = 1) {
    this.bench = new NatBench({conntrack, seed});
  }

  /** Sends a packet from somewhere; returns how it leaves. */
  send(from: Where, tuple: Tuple, tcpSegment?: TcpSegment): Tuple | 'untracked' | 'dropped' {
    const {table, now} = this.bench;
    const tracked = table.track({tuple, ...(tcpSegment && {segment: tcpSegment})}, now);
    if (tracked.kind === 'known') return translated(tracked.entry, tracked.direction);
    if (tracked.kind !== 'new') return tracked.kind === 'invalid' ? 'untracked' : 'dropped';
    const {entry} = tracked;
    const mark = from === 'outside' ? externalIngressMark : 0;
    const came = from === 'router' ? {mark} : {mark, input: from === 'outside' ? 'qg-0c1d2e3f-4a' : 'qr-1'};
    passNatHook(table, this.nat, from === 'router' ? 'OUTPUT' : 'PREROUTING', entry, came, now);
    const output = deviceTo(translated(entry, 'original').destination);
    const hook = output === undefined ? 'INPUT' : 'POSTROUTING';
    passNatHook(table, this.nat, hook, entry, {...came, ...(output !== undefined && {output})}, now);
    return table.confirm(entry, now) ? translated(entry, 'original') : 'dropped';
  }

  /** Sends the packets of a handshake, or a question and its answer. */
  open(from: Where, tuple: Tuple): Tuple {
    const isTcp = tuple.protocol === 'tcp';
    const there = this.send(from, tuple, isTcp ? segment('syn') : undefined) as Tuple;
    this.send('inside', inverse(there), isTcp ? segment('syn-ack') : undefined);
    if (isTcp) this.send(from, tuple, segment('ack'));
    return there;
  }

  /** The only entry as the conntrack tool shows it. */
  get shown(): string {
    return formatEntry(this.bench.only, this.bench.now + 1);
  }
}

function deviceTo(destination: number): string | undefined {
  if (destination === ip('203.0.113.10') || destination === ip('203.0.113.50')) return undefined;
  return destination >= ip('203.0.113.0') ? 'qg-0c1d2e3f-4a' : 'qr-1';
}
