import type {ChassisNumber, PortNumber} from '../../tables/topology.ts';
import type {Write} from './southbound-messages.ts';

/** What an iteration of ovn-controller's main loop works with: what had come in when it began. */
export type Snapshot = {
  /** How much of the southbound log. */
  readonly watermark: number;
  /** Peers with BFD up, as the local database has it. */
  readonly tunnels: ReadonlySet<ChassisNumber>;
  /** Whether a southbound transaction can begin. */
  readonly writable: boolean;
  /** Whether a transaction of the local database can begin. */
  readonly localWritable: boolean;
  /** Whether the switch takes flows. */
  readonly openFlow: boolean;
  /** Whether the process has ever been connected to it: before, nothing is computed (ofctrl_has_backlog). */
  readonly spokeWithSwitch: boolean;
  /** Something changed that only a full recompute takes in. */
  readonly recompute: boolean;
  /** The southbound database was read anew. */
  readonly reload: boolean;
  /** The announcement behind the latest of what had come in. */
  readonly cause: number;
};

/** What an iteration has worked out and is to send. */
export type Plan = {
  /** A full recompute, not an incremental run. */
  readonly full: boolean;
  /** The announcement from which what is sent follows: what came in, then what was decided. */
  cause: number;
  readonly writes: Write[];
  /** Who holds a port once the transaction is through, of those it writes. */
  readonly holders: Map<PortNumber, number>;
};
