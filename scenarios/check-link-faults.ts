import {nicOf} from './breakage.ts';
import {cloudKinds, mechanisms, type CloudMechanism} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Segment, Target} from './scenario.ts';
import {wordsOf} from './targets.ts';

type FaultDraft = Draft['faults'][string];

/** Interfaces by the kind of what they are plugged into; of provider segments there may be several. */
const nicKinds = ['underlay', 'provider', 'management', 'all'];

/** Checks the keys of a fault on links: the interface, and whether there is a frame that it could concern. */
export function checkLinkKeys(
  entry: FaultDraft,
  path: Path,
  segments: readonly Segment[],
  {cloud, mechanism, findings}: Inventory,
): void {
  const nic = nicOf(entry);
  if (nic === undefined) return;
  const names = [...nicKinds, ...findings.keysOf(['segments']).filter(name => !nicKinds.includes(name))];
  if (!names.includes(nic)) {
    const message = `${quote(nic)} is not one of ${names.join(', ')}`;
    findings.mistake(findings.value([...path, 'nic']), message, () => didYouMean(nic, names));
  }
  if (entry.break === 'drop') {
    const flaw = protocolFlaw(entry.protocol, mechanism);
    if (flaw) findings.mistake(findings.value([...path, 'protocol']), ...flaw);
    const {tcp} = cloudKinds[cloud];
    const tcpFlaw = tcpFlawOf(entry, tcp.port, kindOf(nic, segments));
    if (tcpFlaw) {
      const hint = `The only TCP here is that of ${tcp.owner}: port ${tcp.port} on the management interface`;
      findings.mistake(findings.value([...path, tcpFlaw]), 'there is no TCP that this could drop', hint);
    }
    if (entry.port !== undefined && !['udp', 'tcp', 'any'].includes(entry.protocol)) {
      findings.mistake(findings.value([...path, 'port']), `${entry.protocol} has no port to choose`);
    }
  }
  if (entry.break === 'loss' && entry.rate === 0) {
    findings.mistake(findings.value([...path, 'rate']), 'a loss of 0% breaks nothing');
  }
  if (entry.break === 'latency' && entry.add + entry.jitter === 0) {
    findings.mistake(findings.value([...path, 'add']), 'no latency and no jitter break nothing');
  }
}

/** Why a host outside the cloud has no such interface. */
export function outsideFlaw(
  entry: FaultDraft,
  target: Extract<Target, {kind: 'host' | 'upstream'}>,
  {hosts, networks}: Inventory,
): string | undefined {
  const words = wordsOf(target);
  const outside = `a ${target.kind === 'host' ? 'host' : 'router'} outside the cloud`;
  const nic = nicOf(entry);
  if (nic === undefined) return `${words} is ${outside}, not a chassis`;
  const host = target.kind === 'host' ? hosts.get(target.name) : undefined;
  if (host?.behindGateway) {
    return `${words} is behind the gateway of ${host.network} and has no interface of its own: write upstream of ${host.network}`;
  }
  const network = target.kind === 'host' ? host?.network : target.network;
  const segment = network === undefined ? undefined : networks.get(network)?.segment;
  if (nic === 'provider' || nic === 'all' || nic === segment) return undefined;
  return `${words} is ${outside} and has no ${nic} interface`;
}

/** Why a controller has no such interface. */
export function controllerFlaw(entry: FaultDraft, target: Target, segments: readonly Segment[]): string | undefined {
  const nic = nicOf(entry);
  if (nic === undefined || nic === 'all' || kindOf(nic, segments) === 'management') return undefined;
  return `${wordsOf(target)} is a controller and has no ${nic} interface`;
}

/** Why a switch cannot have that. */
export function switchFlaw(entry: FaultDraft): string | undefined {
  if (entry.break !== 'loss' && entry.break !== 'latency' && entry.break !== 'black-hole') {
    return `a switch can have loss, latency or a black hole, not ${entry.break}`;
  }
  if (entry.nic === 'all') return 'each segment has its own switch: name one under "nic"';
  return entry.direction === 'both' ? undefined : 'a switch has no direction of its own: leave "direction" out';
}

/** The kind of what an interface is plugged into. */
function kindOf(nic: string, segments: readonly Segment[]): string {
  return segments.find(({name}) => name === nic)?.kind ?? nic;
}

/** A protocol of which no frame is ever seen. */
function protocolFlaw(protocol: string, mechanism: CloudMechanism): [message: string, hint: string] | undefined {
  const {title, tunnels} = mechanisms[mechanism];
  const isTunnel = Object.values(mechanisms).some(traits => traits.tunnels.some(type => type === protocol));
  if (isTunnel && !tunnels.some(type => type === protocol)) {
    const hint = `Write protocol: ${tunnels.join(' or ')}`;
    return [`this cloud is one of ${title}, whose tunnels are not ${protocol}`, hint];
  }
  const hint = 'Write what else is to be dropped';
  if (protocol === 'vrrp' && mechanism === 'ovn') return ['nobody speaks VRRP in a cloud of OVN', hint];
  if (protocol === 'bfd' && mechanism !== 'ovn') return ['nobody speaks BFD in a cloud of Neutron', hint];
  return undefined;
}

/** The key by which a rule on TCP matches nothing, if one does. */
function tcpFlawOf(
  {protocol, port}: Extract<FaultDraft, {break: 'drop'}>,
  tcpPort: number,
  kind: string,
): 'port' | 'nic' | undefined {
  if (protocol !== 'tcp') return undefined;
  if (kind === 'underlay' || kind === 'provider') return 'nic';
  return port === undefined || port === tcpPort ? undefined : 'port';
}
