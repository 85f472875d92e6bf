import {breakageOf, nicOf} from './breakage.ts';
import {agentFlaw, checkServedRouter, isOfRouterProgram} from './check-router-programs.ts';
import {cloudKinds, isForeign, mechanisms, type CloudMechanism} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Chassis, Fault, Target} from './scenario.ts';
import {readTargets, wordsOf} from './targets.ts';
import {formatTime} from './units.ts';

type FaultDraft = Draft['faults'][string];

/** Checks that each fault strikes something that it can break, within the run. */
export function checkFaults(draft: Draft, inventory: Inventory): readonly Fault[] {
  return Object.entries(draft.faults).map(([name, entry]) => {
    const path: Path = ['faults', name];
    checkTimes(entry, draft.duration, path, inventory);
    checkKeys(entry, path, inventory);
    const {at, repeat} = entry;
    const targets = targetsOf(entry, path, inventory);
    return {name, breakage: breakageOf(entry), targets, at, lasts: entry.for, repeat};
  });
}

/** Checks that a fault strikes within the run, and ends before it strikes again. */
export function checkTimes(
  entry: Pick<FaultDraft, 'at' | 'for' | 'repeat'> & {readonly how?: string},
  duration: number,
  path: Path,
  {findings}: Pick<Inventory, 'findings'>,
): void {
  const {at, for: lasts, repeat} = entry;
  const end = `the run ends at ${formatTime(duration)}`;
  const latest = at.base + at.random;
  const isRestart = entry.how === 'restart' || entry.how === 'reload' || entry.how === 'kill-child';
  if (at.base >= duration) {
    findings.mistake(findings.value([...path, 'at']), `${path[1]} would begin at ${formatTime(at.base)}, and ${end}`);
  } else if (latest > duration) {
    findings.mistake(
      findings.value([...path, 'at']),
      `${path[1]} may begin as late as ${formatTime(latest)}, and ${end}`,
    );
  }
  if (lasts && isRestart) {
    findings.mistake(
      findings.value([...path, 'for']),
      `a ${entry.how} takes as long as the daemon does; it has no "for"`,
    );
  } else if (lasts?.base === 0) {
    findings.mistake(findings.value([...path, 'for']), 'it would end as soon as it begins');
  } else if (lasts && latest < duration && at.base + lasts.base >= duration) {
    findings.warning(findings.value([...path, 'for']), `${path[1]} is still in force when the run ends`);
  }
  if (!repeat) return;
  const every = findings.value([...path, 'repeat', 'every']);
  if (!lasts && !isRestart) {
    findings.mistake(
      findings.key([...path, 'repeat']),
      `${path[1]} cannot come again, because it never ends`,
      'Add "for"',
    );
  } else if (lasts && lasts.base + lasts.random >= repeat.every) {
    const longest = formatTime(lasts.base + lasts.random);
    findings.mistake(every, `it lasts up to ${longest} and would begin again after ${formatTime(repeat.every)}`);
  }
  const last = at.base + repeat.every * (repeat.times - 1);
  if (at.base < duration && last >= duration) {
    const message = `the last of ${repeat.times} would begin at ${formatTime(last)}, and ${end}`;
    findings.mistake(findings.value([...path, 'repeat', 'times']), message);
  }
}

/** Keys that do not go with the value of another. */
function checkKeys(entry: FaultDraft, path: Path, inventory: Inventory): void {
  const {cloud, mechanism, findings} = inventory;
  const {tcp} = cloudKinds[cloud];
  const {title, breakable} = mechanisms[mechanism];
  if (isForeign(entry.break, mechanism)) {
    const message = `this cloud is one of ${title}, which has no ${entry.break}`;
    findings.mistake(findings.value([...path, 'break']), message, `It has ${breakable.join(', ')}`);
    return;
  }
  if (entry.break === 'drop') {
    const flaw = protocolFlaw(entry.protocol, mechanism);
    if (flaw) findings.mistake(findings.value([...path, 'protocol']), ...flaw);
  }
  const tcpFlaw = tcpFlawOf(entry, tcp.port);
  if (tcpFlaw) {
    const hint = `The only TCP here is that of ${tcp.owner}: port ${tcp.port} on the management interface`;
    findings.mistake(findings.value([...path, tcpFlaw]), 'there is no TCP that this could drop', hint);
  }
  if (entry.break === 'drop' && entry.port !== undefined && !['udp', 'tcp', 'any'].includes(entry.protocol)) {
    findings.mistake(findings.value([...path, 'port']), `${entry.protocol} has no port to choose`);
  }
  if (entry.break === 'loss' && entry.rate === 0) {
    findings.mistake(findings.value([...path, 'rate']), 'a loss of 0% breaks nothing');
  }
  if (entry.break === 'latency' && entry.add + entry.jitter === 0) {
    findings.mistake(findings.value([...path, 'add']), 'no latency and no jitter break nothing');
  }
  if (isOfRouterProgram(entry)) checkServedRouter(entry, path, inventory);
  if (entry.break !== 'southbound') return;
  if (entry.how === 'kill' && entry.of !== undefined) {
    const hint = 'Write how: noticed or how: silent for the path of a chassis to it';
    findings.mistake(findings.value([...path, 'of']), 'the server itself is killed, for everyone', hint);
  }
  if (entry.how !== 'kill' && entry.of === undefined && !findings.has([...path, 'of'])) {
    findings.mistake(findings.key(path), '"of" is missing: whose path to the database', 'All of them are: all chassis');
  }
}

/** A protocol of which no frame is ever seen. */
function protocolFlaw(protocol: string, mechanism: CloudMechanism): [message: string, hint: string] | undefined {
  const {title, tunnels} = mechanisms[mechanism];
  const isTunnel = Object.values(mechanisms).some(traits => traits.tunnels.some(type => type === protocol));
  if (isTunnel && !tunnels.some(type => type === protocol)) {
    const hint = `Write protocol: ${tunnels.join(' or ')}`;
    return [`this cloud is one of ${title}, whose tunnels are not ${protocol}`, hint];
  }
  if (protocol !== 'bfd' || mechanism === 'ovn') return undefined;
  return ['nobody speaks BFD in a cloud of Neutron', 'Write what else is to be dropped'];
}

/** The key by which a rule on TCP matches nothing, if one does. */
function tcpFlawOf(entry: FaultDraft, tcpPort: number): 'port' | 'nic' | undefined {
  if (entry.break !== 'drop' || entry.protocol !== 'tcp') return undefined;
  if (entry.nic === 'underlay' || entry.nic === 'provider') return 'nic';
  return entry.port === undefined || entry.port === tcpPort ? undefined : 'port';
}

function targetsOf(entry: FaultDraft, path: Path, inventory: Inventory): readonly Target[] {
  const {findings} = inventory;
  const serverOnly = isOfController(entry) || (entry.break === 'southbound' && entry.how === 'kill');
  if (entry.of === undefined || (serverOnly && entry.break === 'southbound')) {
    return serverOnly ? controllersOf(inventory) : [];
  }
  const texts = typeof entry.of === 'string' ? [entry.of] : entry.of;
  const seen = new Set<string>();
  const targets: Target[] = [];
  for (const [index, text] of texts.entries()) {
    const place: Path = typeof entry.of === 'string' ? [...path, 'of'] : [...path, 'of', index];
    const span = () => findings.value(place);
    let isReported = false;
    for (const target of readTargets(text, span, word => findings.word(place, word), inventory)) {
      const flaw = seen.has(wordsOf(target))
        ? `${wordsOf(target)} stands here twice`
        : flawOf(entry, target, inventory);
      if (flaw !== undefined && !isReported) findings.mistake(span(), flaw);
      isReported ||= flaw !== undefined;
      seen.add(wordsOf(target));
      targets.push(target);
    }
  }
  return targets;
}

function isOfController(entry: FaultDraft): boolean {
  return entry.break === 'ovn-northd' || entry.break === 'neutron-server' || entry.break === 'rabbitmq-server';
}

function controllersOf({chassis}: Inventory): readonly Target[] {
  return chassis.things.filter(({role}) => role === 'controller').map(({name}) => ({kind: 'chassis', name}));
}

/** Why this cannot be broken there. */
function flawOf(
  entry: FaultDraft,
  target: Target,
  {chassis, hosts, routers, cloud, mechanism}: Inventory,
): string | undefined {
  if (isForeign(entry.break, mechanism)) return undefined;
  const nic = nicOf(entry);
  const words = wordsOf(target);
  if (target.kind === 'switch') return switchFlaw(entry);
  if (target.kind === 'host' || target.kind === 'upstream') {
    const outside = `a ${target.kind === 'host' ? 'host' : 'router'} outside the cloud`;
    if (nic === undefined) return `${words} is ${outside}, not a chassis`;
    const host = target.kind === 'host' ? hosts.get(target.name) : undefined;
    if (host?.behindGateway) {
      return `${words} is behind the gateway of ${host.network} and has no interface of its own: write upstream of ${host.network}`;
    }
    return nic === 'provider' || nic === 'all' ? undefined : `${words} is ${outside} and has no ${nic} interface`;
  }
  const role = roleOf(target, chassis.get.bind(chassis));
  const isController = role === 'controller';
  if (isOfController(entry)) return isController ? undefined : `${words} runs no ${entry.break}`;
  if (isOfNetworkNodes(entry) && (role === 'compute' || target.kind === 'chassis of vm')) {
    return `${words} runs no ${entry.break}: only gateways do`;
  }
  const elsewhere = agentFlaw(entry, target, routers);
  if (elsewhere !== undefined) return elsewhere;
  if (!isController) return undefined;
  if (nic !== undefined && nic !== 'management' && nic !== 'all')
    return `${words} is a controller and has no ${nic} interface`;
  if ('how' in entry && entry.break !== 'southbound' && entry.break !== 'bus') return `${words} runs no ${entry.break}`;
  const {owner} = cloudKinds[cloud].tcp;
  return entry.break === 'southbound' || entry.break === 'bus' ? `${words} runs ${owner} itself` : undefined;
}

function isOfNetworkNodes(entry: FaultDraft): boolean {
  return entry.break === 'neutron-l3-agent' || entry.break === 'neutron-dhcp-agent' || isOfRouterProgram(entry);
}

function switchFlaw(entry: FaultDraft): string | undefined {
  if (entry.break !== 'loss' && entry.break !== 'latency' && entry.break !== 'black-hole') {
    return `a switch can have loss, latency or a black hole, not ${entry.break}`;
  }
  if (entry.nic === 'all') return 'each segment has its own switch: name one under "nic"';
  return entry.direction === 'both' ? undefined : 'a switch has no direction of its own: leave "direction" out';
}

function roleOf(target: Target, get: (name: string) => Chassis | undefined): Chassis['role'] | undefined {
  if (target.kind === 'chassis') return get(target.name)?.role;
  return target.kind === 'all chassis' ? target.role : undefined;
}
