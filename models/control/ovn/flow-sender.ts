import type {FlowState} from '../../tables/installed-flows.ts';
import type {OpenFlowChannel} from '../../tables/openflow-channel.ts';
import type {SouthboundContents} from '../../tables/southbound-contents.ts';
import type {Topology} from '../../tables/topology.ts';

/**
 * What ovn-controller has sent to its switch (ofctrl.c). After every connection the first bundle deletes all flows and
 * installs those known so far, all at once. Nothing is sent when nothing differs.
 */
export class FlowSender {
  readonly #channel: OpenFlowChannel;
  readonly #contents: SouthboundContents;
  readonly #topology: Topology;
  #sent: FlowState | undefined;
  #fresh = true;

  constructor(channel: OpenFlowChannel, contents: SouthboundContents, topology: Topology) {
    this.#channel = channel;
    this.#contents = contents;
    this.#topology = topology;
  }

  /** These flows have been in the switch since before the run. */
  beginSettled(state: FlowState): void {
    this.#sent = state;
    this.#fresh = false;
  }

  /** The connection is new: what the switch has is not what was sent. */
  reconnected(): void {
    this.#sent = undefined;
    this.#fresh = true;
  }

  /** Sends what the flows are now; `complete` is false while the logical flows have not all come from the database. */
  put(state: FlowState, complete: boolean, cause: number): void {
    if (!this.#fresh && !(complete && this.#differs(state))) return;
    this.#channel.onFlows?.({clearFirst: this.#fresh, state: complete ? state : undefined, cause});
    this.#fresh = false;
    if (complete) this.#sent = state;
  }

  #differs(state: FlowState): boolean {
    const sent = this.#sent;
    if (!sent || sent.residents.size !== state.residents.size) return true;
    if ([...state.residents].some(router => !sent.residents.has(router))) return true;
    return this.#contents.between(sent.watermark, state.watermark).some(({table, key}) => {
      if (table === 'Port_Binding') return !this.#isElected(key);
      return table !== 'BFD' && table !== 'Ref_Chassis';
    });
  }

  /** Who holds the gateway port of a group does not matter to any flow; with a single gateway it does (physical.c). */
  #isElected(port: number): boolean {
    const {portCount, routers} = this.#topology;
    return port >= portCount && routers[port - portCount].gateways.length > 1;
  }
}
