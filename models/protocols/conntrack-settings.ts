import {seconds, type Time} from '../../engine/time.ts';
import type {TcpState} from './conntrack-tcp.ts';

/** What `net.netfilter` has for every namespace, under the kernel's names. */
export type ConntrackSettings = {
  /** nf_conntrack_tcp_timeout_… */
  readonly tcp: Readonly<Record<TcpState, Time>>;
  /** nf_conntrack_tcp_timeout_unacknowledged */
  readonly tcpUnacknowledged: Time;
  readonly udp: Time;
  readonly udpStream: Time;
  readonly icmp: Time;
  readonly generic: Time;
  /** nf_conntrack_tcp_loose: a connection may be picked up in its middle. */
  readonly tcpLoose: boolean;
};

/** Linux 6.18 (our measurement: MEASURED.md C). */
export const conntrackDefaults: ConntrackSettings = {
  tcp: {
    none: seconds(0),
    'syn-sent': seconds(120),
    'syn-recv': seconds(60),
    established: seconds(432_000),
    'fin-wait': seconds(120),
    'close-wait': seconds(60),
    'last-ack': seconds(30),
    'time-wait': seconds(120),
    close: seconds(10),
    'syn-sent2': seconds(120),
  },
  tcpUnacknowledged: seconds(300),
  udp: seconds(30),
  udpStream: seconds(120),
  icmp: seconds(30),
  generic: seconds(600),
  tcpLoose: true,
};
