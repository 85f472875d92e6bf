import {draw} from '../../engine/chance.ts';
import {seconds, type Time} from '../../engine/time.ts';
import {translated, type ConntrackEntry, type Removal} from '../../models/protocols/conntrack-entry.ts';
import {ConntrackHost, defaultConntrackLimits, type ConntrackLimits} from '../../models/protocols/conntrack-host.ts';
import {conntrackDefaults, type ConntrackSettings} from '../../models/protocols/conntrack-settings.ts';
import type {TcpFlags, TcpSegment} from '../../models/protocols/conntrack-tcp.ts';
import {echoRequest, type Tuple} from '../../models/protocols/conntrack-tuple.ts';
import {LinuxConntrack} from '../../models/protocols/linux-conntrack.ts';
import type {SourceRange} from '../../models/protocols/nat-ports.ts';
import {parseIpv4, type Ipv4} from '../../models/wire/ipv4.ts';

export const ip = (text: string): Ipv4 => parseIpv4(text)!;

export function udp(source: string, sourcePort: number, destination: string, destinationPort: number): Tuple {
  return {protocol: 'udp', source: ip(source), sourcePort, destination: ip(destination), destinationPort};
}

export function tcp(source: string, sourcePort: number, destination: string, destinationPort: number): Tuple {
  return {...udp(source, sourcePort, destination, destinationPort), protocol: 'tcp'};
}

export function ping(source: string, identifier: number, destination: string): Tuple {
  return {...udp(source, identifier, destination, echoRequest), protocol: 'icmp'};
}

export const segment = (flags: TcpFlags, more: Partial<TcpSegment> = {}): TcpSegment => ({flags, ...more});

export type BenchSettings = {
  readonly conntrack?: Partial<ConntrackSettings>;
  readonly limits?: Partial<ConntrackLimits>;
  readonly seed?: number;
  readonly phase?: Time;
};

/** One namespace of a host with a clock, its collector running. */
export class NatBench {
  readonly host: ConntrackHost;
  readonly table: LinuxConntrack;
  readonly removed: {readonly entry: ConntrackEntry; readonly why: Removal; readonly at: Time}[] = [];
  /** When counted packets were last seen. */
  readonly counted = new Map<ConntrackEntry, Time>();
  now: Time = seconds(1000);

  constructor({conntrack, limits, seed = 1, phase = 0}: BenchSettings = {}) {
    const secret = Math.floor(draw(seed, 0) * 0x1_0000_0000);
    const identity = {phase, secret, startedAt: seconds(900) + Math.floor(draw(seed, 1) * seconds(60))};
    this.host = new ConntrackHost({...defaultConntrackLimits, ...limits}, identity);
    this.table = new LinuxConntrack(
      {...conntrackDefaults, ...conntrack},
      {number: 0, draw: count => draw(seed + 1, count)},
      this.host,
      {
        lastUsedAt: entry => this.counted.get(entry) ?? 0,
        removed: (entry, why) => this.removed.push({entry, why, at: this.now}),
      },
    );
  }

  until(time: Time): this {
    while (this.host.wakeAt <= time) {
      this.now = this.host.wakeAt;
      this.host.wake(this.now);
    }
    this.now = time;
    return this;
  }

  after(delay: Time): this {
    return this.until(this.now + delay);
  }

  /** Lets a packet through, under SNAT if it begins a connection and a range is given. Returns how it leaves. */
  send(
    tuple: Tuple,
    more: {segment?: TcpSegment; snat?: SourceRange; zone?: number} = {},
  ): Tuple | 'untracked' | 'dropped' {
    const {segment, zone = 0} = more;
    const tracked = this.table.track({tuple, zone, ...(segment && {segment})}, this.now);
    switch (tracked.kind) {
      case 'known':
        return translated(tracked.entry, tracked.direction);
      case 'invalid':
        return 'untracked';
      case 'full':
        return 'dropped';
      case 'new': {
        const {entry} = tracked;
        if (more.snat) this.table.translateSource(entry, more.snat, this.now);
        else this.table.keepSource(entry, this.now);
        return this.table.confirm(entry, this.now) ? translated(entry, 'original') : 'dropped';
      }
    }
  }

  /** The source port under which a new packet leaves; undefined if it does not. */
  portOf(tuple: Tuple, snat: SourceRange): number | undefined {
    const sent = this.send(tuple, {snat, ...(tuple.protocol === 'tcp' && {segment: segment('syn')})});
    return typeof sent === 'string' ? undefined : sent.sourcePort;
  }

  /** The only connection there is. */
  get only(): ConntrackEntry {
    const [entry, ...more] = this.table.list(this.now);
    if (!entry || more.length > 0) throw new Error(`there are ${this.table.list(this.now).length} connections`);
    return entry;
  }
}
