import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Passage, Verdict} from './passage.ts';

/** A host that can be one end of a flow. */
export type FlowEnd = {
  readonly name: string;
  readonly address: Ipv4;
  send(packet: Ipv4Packet, passage: Passage): Verdict;
};
