import {draw} from '../../../engine/chance.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {AgentKind} from '../../tables/neutron-contents.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';

export type Reporter = {
  readonly chassis: ChassisNumber;
  readonly kind: AgentKind;
  readonly settings: NeutronSettings;
  /** Whether the process has reported before. */
  readonly hasReported: boolean;
  /** The server had thought it dead. */
  revived(): void;
  /** How many networks a DHCP agent has. */
  load?(): number;
  /** The first report of the process got through. */
  begun?(): void;
};

/**
 * An agent's reports (_report_state): one call every `report_interval`, which is also how long it waits for the answer. A
 * call that takes longer than the interval is followed by the next at once (oslo_service, FixedIntervalLoopingCall).
 */
export function* reportState(ground: Ground, process: Process, rpc: Rpc, reporter: Reporter, first: Time): Thread {
  const {chassis, kind, settings} = reporter;
  const {engine} = ground;
  let starts = !reporter.hasReported;
  yield* process.sleep(first - engine.now);
  for (;;) {
    const begunAt = engine.now;
    const state = {chassis, kind, starts, load: reporter.load?.() ?? 0, time: begunAt};
    const report = yield* rpc.call('q-reports-plugin', 'report_state', state, settings.reportInterval);
    if (report !== 'timed out') {
      if (report.answer === 'revived') reporter.revived();
      if (starts) reporter.begun?.();
      starts = false;
    }
    yield* process.sleep(begunAt + settings.reportInterval - engine.now);
    engine.cause = 0;
  }
}

/** When an agent that has run for long reports for the first time in the run. */
export function settledReportAt(
  ground: Ground,
  name: string,
  kind: AgentKind,
  {reportInterval}: NeutronSettings,
): Time {
  return Math.floor(draw(ground.streams.of(`${name}/${kind}/phases`), 0) * reportInterval);
}
