import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Breakage, Target} from './scenario.ts';

type FaultDraft = Draft['faults'][string];
type RouterProgram = Extract<FaultDraft, {break: 'keepalived' | 'neutron-keepalived-state-change' | 'conntrackd'}>;

/** Whether it is a fault of what a gateway of Neutron runs once for each highly available router. */
export function isOfRouterProgram(entry: FaultDraft): entry is RouterProgram {
  return ['keepalived', 'neutron-keepalived-state-change', 'conntrackd'].includes(entry.break);
}

/** What the fault breaks: the process for one router, or for each. */
export function programBreakage({break: daemon, how, router}: RouterProgram): Breakage {
  return {kind: 'daemon', daemon, how, router};
}

/** Checks that somebody runs the program: for the router that is named, or for any. */
export function checkServedRouter(
  {break: program, router}: RouterProgram,
  neutron: Draft['neutron'],
  path: Path,
  {routers, routersComplete, findings}: Inventory,
): void {
  if (program === 'conntrackd' && neutron?.['ha-conntrackd-enabled'] === false) {
    const why = 'conntrackd is not enabled, so there is none';
    findings.mistake(findings.value([...path, 'break']), why, 'Write ha-conntrackd-enabled: true under neutron');
  }
  const hint = 'Write ha: true under the router';
  if (router === undefined) {
    if (!routersComplete || routers.hasFlaws || routers.things.some(({ha}) => ha)) return;
    const message = `no router is highly available, so there is no ${program}`;
    findings.mistake(findings.value([...path, 'break']), message, hint);
    return;
  }
  const span = () => findings.value([...path, 'router']);
  if (routers.find(router, span)?.ha === false) {
    findings.mistake(span(), `${router} is not highly available, so there is no ${program} for it`, hint);
  }
}

/** Why the program does not run for the router on that chassis, as far as the file says. */
export function agentFlaw(entry: FaultDraft, target: Target, routers: Inventory['routers']): string | undefined {
  if (!isOfRouterProgram(entry) || entry.router === undefined || target.kind !== 'chassis') return undefined;
  const agents = routers.get(entry.router)?.agents;
  if (!agents || agents.includes(target.name)) return undefined;
  return `${target.name} is none of the agents of ${entry.router}`;
}
