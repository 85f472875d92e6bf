import type {FlowEnd, ServiceEnd} from '../dataplane/flow-end.ts';
import type {NatSample} from '../events/results.ts';
import type {Machine} from '../faults/fault-injector.ts';
import type {Operation} from '../faults/operation.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** What a control plane and its data plane put on a site. */
export type Cloud = {
  /** The hosts, the one of the databases last. */
  readonly machines: readonly Machine[];
  /** A VM as an end of flows; made when something first needs it. */
  vm(name: string): FlowEnd | undefined;
  /** The program that answers for a service where a flow's packets have come out; undefined if there is none. */
  serviceAt?(place: string): ServiceEnd | undefined;
  /** The external address of the router that answers for an address on an external network. */
  routerFor(address: Ipv4): Ipv4 | undefined;
  /** The hosts that can have a router, who has it at present first. */
  hostsOf(router: string): readonly string[];
  /** The host that a VM runs on. */
  homeOf(vm: string): string | undefined;
  /** Resets the connections of one host, or of all, to the controller. */
  reset(client: string | undefined): void;
  /** Does what an operator does; the scenario's checks say which clouds can do what. */
  operate(operation: Operation, subject: string): void;
  /** Everything up and known, as after a long quiet time. */
  settle(): void;
  /** Address translation at present. */
  natSamples(): readonly NatSample[];
};
