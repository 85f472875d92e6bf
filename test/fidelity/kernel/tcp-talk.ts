import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import type {FlowEnd} from '../../../models/dataplane/flow-end.ts';
import {TcpFlow, type TcpPattern} from '../../../models/traffic/tcp-flow.ts';
import type {Ipv4} from '../../../models/wire/ipv4.ts';
import type {Lan, Member} from './lan.ts';

export type Talk = {
  readonly from: FlowEnd;
  /** Who may answer. */
  readonly servers: readonly FlowEnd[];
  readonly destination: Ipv4;
  readonly pattern?: TcpPattern;
  readonly every?: Time;
  /** Tells the client's ports apart. */
  readonly number?: number;
};

/** A namespace of the bench as an end of TCP connections: what comes for one of them gets to it. */
export function tcpEnd(lan: Lan, {namespace, device}: Member): FlowEnd {
  const {name, receive} = namespace;
  namespace.receive = (packet, passage, by) =>
    packet.payload.kind === 'udp' ? receive?.(packet, passage, by) : passage.arrive?.(name, packet, passage);
  return {
    ...{name, address: device.addresses[0].address, kernelPhase: lan.kernelPhase, life: 0},
    mtuTo: destination => namespace.mtuTo(destination),
    learnMtu: (destination, mtu) => {
      namespace.learnMtu(destination, mtu);
    },
    send: (packet, passage) => namespace.send(packet, passage),
  };
}

/** A client that begins to talk a millisecond from now, and does not connect again. */
export function tcpTalk(
  lan: Lan,
  {from, servers, destination, pattern = 'ping-pong', every = milliseconds(100), number = 0}: Talk,
): TcpFlow {
  const [to, ...others] = servers;
  return new TcpFlow(lan.ground, {
    ...{number, name: `bench ${number}`, group: 'bench', from, to, others, destination, pattern, every},
    ...{service: undefined, listening: true, start: lan.now + milliseconds(1), count: never, limit: seconds(1)},
    ...{sourcePort: 20_000 + number, port: 80, size: 64, reconnect: never},
  });
}
