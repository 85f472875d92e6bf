import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {Process, Thread} from './process.ts';
import type {NeutronSettings} from './settings.ts';

/**
 * Looks for silent agents at a fixed interval, or at once if the look before took longer. If that one is long past, agents
 * are first given time to report: the clock may have jumped (neutron/db/agentschedulers_db.py, wait_down_agents).
 */
export function* checkPeriodically(
  {engine}: Ground,
  process: Process,
  settings: NeutronSettings,
  first: Time,
  look: () => Thread,
): Thread {
  const {agentDownTime} = settings;
  let lastCheckAt: Time | undefined;
  yield* process.sleep(first);
  for (;;) {
    const begunAt = engine.now;
    if (lastCheckAt !== undefined && engine.now - lastCheckAt > agentDownTime) yield* process.sleep(2 * agentDownTime);
    lastCheckAt = engine.now;
    yield* look();
    yield* process.sleep(begunAt + checkInterval(settings) - engine.now);
    engine.cause = 0;
  }
}

/** How often the server looks for silent agents: half of `agent_down_time`, in whole seconds. */
export function checkInterval({agentDownTime}: NeutronSettings): Time {
  return seconds(Math.max(1, Math.floor(agentDownTime / seconds(2))));
}
