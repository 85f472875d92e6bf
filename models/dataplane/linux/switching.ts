import type {NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Passage, Verdict} from '../passage.ts';

/** The devices of a host, as its switching sees them. */
export type Devices = {
  /** Whether the device of a port is there. */
  has(port: NeutronPortNumber): boolean;
  /** A frame comes to a device. */
  arrive(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict;
};

/** How the devices of a host are joined to each other and to the networks outside: by Linux bridges or by Open vSwitch. */
export type Switching = {
  /** A device was made: it is there to be wired. */
  appeared(port: NeutronPortNumber): void;
  /** A device is gone, and its wiring with it. */
  gone(port: NeutronPortNumber): void;
  /** A frame leaves a device. */
  receive(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict;
  /** A packet for the host comes in on the underlay. Undefined if it belongs to no tunnel of this host. */
  fromUnderlay(packet: Ipv4Packet, passage: Passage): Verdict | undefined;
  /** The power goes, and with it everything that was built. */
  crash(): void;
};
