import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {Frame} from '../wire/frame.ts';
import type {FlowState} from './installed-flows.ts';
import type {LogicalRouter} from './topology.ts';

/** A packet that a flow sends up to ovn-controller. */
export type PacketIn =
  /** `arp {}`: the next hop's MAC is not known; `release` sends the packet to it once it is, `discard` gives it up. */
  | {
      readonly kind: 'unresolved';
      readonly router: LogicalRouter;
      readonly nextHop: Ipv4;
      release(mac: Mac): void;
      discard(why: 'ovn-controller not running' | 'buffer full' | 'next hop unresolved'): void;
    }
  /** `put_arp`: an ARP frame on the router's external network tells of an address. */
  | {
      readonly kind: 'learn';
      readonly router: LogicalRouter;
      readonly address: Ipv4;
      readonly mac: Mac;
      /** Whether others have heard it too. */
      readonly broadcast: boolean;
    }
  /** A frame for the next-hop BFD of a route. */
  | {readonly kind: 'next-hop bfd'; readonly router: LogicalRouter; readonly frame: Frame};

/** A frame that ovn-controller puts into the pipeline at a router's external port. */
export type PacketOut = {
  readonly router: LogicalRouter;
  /**
   * On which side of the port: into the router, whose flows send it to the chassis of the gateway, or into the external
   * switch, whose flows send it out of the localnet port of this chassis.
   */
  readonly into: 'router' | 'switch';
  readonly frame: Frame;
  readonly sender: string;
  readonly number: number;
  /** Told if it got nowhere, and the announcement from which that followed; for the chain of causes only. */
  lost?(reason: string, place: string, cause: number): void;
};

/**
 * The OpenFlow connection of one chassis between its ovn-controller and its ovs-vswitchd, through br-int.mgmt. Each side
 * knows only this.
 */
export type OpenFlowChannel = {
  /** Set by ovs-vswitchd: whether somebody listens. */
  listening: boolean;
  /** Set by ovs-vswitchd: false while it stands still. The kernel takes in connections for it then, and nobody says hello. */
  answering: boolean;
  /** Set by ovn-controller: whether it holds the connection. */
  connected: boolean;
  /** Taken in by ovs-vswitchd. */
  onFlows: ((update: FlowUpdate) => void) | undefined;
  onPacketOut: ((packet: PacketOut) => void) | undefined;
  /** Taken in by ovn-controller; undefined while it does not run. */
  onPacketIn: ((packet: PacketIn) => void) | undefined;
  /** Told when the switch goes away or comes back. */
  onListening: ((listening: boolean) => void) | undefined;
  /** Told when it goes on after it stood still. */
  onAnswering: (() => void) | undefined;
};

export type FlowUpdate = {
  /** All flows are deleted first, in the same bundle (ofctrl.c: ofctrl_initial_clear). */
  readonly clearFirst: boolean;
  /** Undefined: nothing that packets could use yet. */
  readonly state: FlowState | undefined;
  readonly cause: number;
};

export function makeOpenFlowChannel(): OpenFlowChannel {
  return {
    listening: false,
    answering: true,
    connected: false,
    onFlows: undefined,
    onPacketOut: undefined,
    onPacketIn: undefined,
    onListening: undefined,
    onAnswering: undefined,
  };
}
