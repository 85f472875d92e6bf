import {proxyReply} from '../arp-proxy.ts';
import type {FlowAction, FlowPacket, OfPort} from './flow.ts';
import type {Flow, FlowTables, Slot} from './flow-tables.ts';

/** What happens to a packet on its way through the tables of a bridge. */
export type WalkPort = {
  /** The way depends on what stands there. */
  consulted(slot: Slot): void;
  matched(flow: Flow): void;
  output(to: OfPort, packet: FlowPacket, by: Flow): void;
  normal(packet: FlowPacket): void;
  learn(action: Extract<FlowAction, {kind: 'learn'}>, packet: FlowPacket): void;
};

/** Takes a packet through the tables from the first on; tells in which it ended. */
export function walk(tables: FlowTables, packet: FlowPacket, port: WalkPort): number {
  let at = packet;
  let number: number | undefined = 0;
  for (let table = 0; ; table = number) {
    const flow: Flow | undefined = tables.lookup(table, at, slot => {
      port.consulted(slot);
    });
    if (!flow) return table;
    port.matched(flow);
    number = undefined;
    for (const action of flow.actions) {
      if (action.kind === 'goto') number = action.table;
      else at = apply(action, at, flow, port);
    }
    if (number === undefined) return table;
  }
}

function apply(action: Exclude<FlowAction, {kind: 'goto'}>, packet: FlowPacket, by: Flow, port: WalkPort): FlowPacket {
  const {frame} = packet;
  switch (action.kind) {
    case 'output':
      // A bridge never sends a packet back by where it came from unless it is told to with IN_PORT.
      if (action.port !== packet.inPort) port.output(action.port, packet, by);
      return packet;
    case 'normal':
      port.normal(packet);
      return packet;
    case 'set vlan':
      return {...packet, frame: {...frame, vlan: action.vlan}};
    case 'strip vlan':
      return {...packet, frame: {...frame, vlan: undefined}};
    case 'set tunnel':
      return {...packet, tunnel: action.tunnel};
    case 'learn':
      port.learn(action, packet);
      return packet;
    case 'answer arp': {
      if (frame.payload.kind !== 'arp') return packet;
      const reply = {...proxyReply(frame.payload, action.mac), destination: frame.source, vlan: frame.vlan};
      const answer = {...packet, frame: reply};
      port.output(packet.inPort, answer, by);
      return answer;
    }
  }
}
