import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import {metadataAddress} from '../wire/metadata.ts';
import type {NatHook, NatRule, NatTable, NatTarget} from './nat-rules.ts';

export type FloatingIp = {readonly floating: Ipv4; readonly fixed: Ipv4};

/** What the rules of a `qrouter` without DVR, or of the `snat` namespace of one with DVR, are made from. */
export type CentralNat = {
  readonly gateway: GatewayNat | undefined;
  readonly floatingIps: readonly FloatingIp[];
  /** `metadata_port`; undefined where no proxy is, as in `snat`. */
  readonly metadataPort: number | undefined;
  readonly release: NatRelease;
};

export type GatewayNat = {
  /** `qg-…` */
  readonly device: string;
  readonly address: Ipv4;
  /** `enable_snat` */
  readonly snat: boolean;
};

/** What the rules of a `qrouter` with DVR are made from. Only floating IPs of VMs on its host are here. */
export type DistributedNat = {
  /** `rfp-…`; undefined while there is no way to the `fip` namespace. */
  readonly device: string | undefined;
  readonly floatingIps: readonly FloatingIp[];
  readonly metadataPort: number | undefined;
  readonly release: NatRelease;
};

export type NatRelease = {
  /** SNAT rules carry `--random-fully`: from Train on and in late updates of older releases, with iptables 1.6.2 or later. */
  readonly randomFully: boolean;
  /** POSTROUTING also says `! -i`, as it did before Train. No packet has an input device there, so nothing depends on it. */
  readonly matchesInput: boolean;
};

/** Neutron's mark of what came in by the external gateway (`external_ingress_mark`, set in the mangle table). */
export const externalIngressMark = 0x2;
export const routerMarkMask = 0xffff;

const prefix = 'neutron-l3-agent';
const bottom = 'neutron-postrouting-bottom';
const snatComment = 'Perform source NAT on outgoing traffic.';

/** The nat table that the L3 agent writes for a router's central namespace (router_info.py, iptables_manager.py). */
export function centralNatTable({gateway, floatingIps, metadataPort, release}: CentralNat): NatTable {
  return makeTable({
    PREROUTING: [...metadataRules(metadataPort), ...floatingIps.map(fip => toFixed(fip))],
    OUTPUT: floatingIps.map(fip => toFixed(fip)),
    POSTROUTING: gateway ? [acceptInternal(gateway.device, release)] : [],
    'float-snat': floatingIps.map(fip => fromFixed(fip, release)),
    snat: [jump(`${prefix}-float-snat`), ...(gateway ? gatewayRules(gateway, release) : [])],
  });
}

/** The nat table of a `qrouter` with DVR (dvr_local_router.py). Without a floating IP its `snat` chain is empty. */
export function distributedNatTable({device, floatingIps, metadataPort, release}: DistributedNat): NatTable {
  const here = device === undefined ? [] : floatingIps;
  const active = device !== undefined && here.length > 0;
  return makeTable({
    PREROUTING: [...metadataRules(metadataPort), ...here.map(fip => toFixed(fip, device))],
    OUTPUT: [],
    POSTROUTING: active ? [acceptInternal(device, release)] : [],
    'float-snat': here.map(fip => fromFixed(fip, release)),
    snat: active ? [jump(`${prefix}-float-snat`)] : [],
  });
}

type OwnChains = Readonly<Record<'PREROUTING' | 'OUTPUT' | 'POSTROUTING' | 'float-snat' | 'snat', readonly NatRule[]>>;

/** The built-in chains jump to the agent's own of the same name; iptables keeps the others in the order of their names. */
function makeTable(chains: OwnChains): NatTable {
  const own = (hook: NatHook): NatRule => jump(`${prefix}-${hook}`);
  return new Map<string, readonly NatRule[]>([
    ['PREROUTING', [own('PREROUTING')]],
    ['INPUT', []],
    ['OUTPUT', [own('OUTPUT')]],
    ['POSTROUTING', [own('POSTROUTING'), jump(bottom)]],
    [`${prefix}-OUTPUT`, chains.OUTPUT],
    [`${prefix}-POSTROUTING`, chains.POSTROUTING],
    [`${prefix}-PREROUTING`, chains.PREROUTING],
    [`${prefix}-float-snat`, chains['float-snat']],
    [`${prefix}-snat`, chains.snat],
    [bottom, [{...jump(`${prefix}-snat`), comment: snatComment}]],
  ]);
}

function gatewayRules({device, address, snat}: GatewayNat, {randomFully}: NatRelease): readonly NatRule[] {
  const target: NatTarget = {kind: 'snat', to: address, ...(randomFully && {random: 'random-fully'})};
  const outgoing: NatRule = {match: {output: {device}}, target};
  // A VM that reaches another by its floating IP must get the answers through the router.
  const mark = {value: externalIngressMark, mask: routerMarkMask, not: true};
  const hairpin: NatRule = {match: {mark, destinationTranslated: true}, target};
  return snat ? [outgoing, hairpin] : [hairpin];
}

function acceptInternal(device: string, {matchesInput}: NatRelease): NatRule {
  const output = {device, not: true};
  const match = {...(matchesInput && {input: output}), output, destinationTranslated: false};
  return {match, target: {kind: 'accept'}};
}

function metadataRules(port: number | undefined): readonly NatRule[] {
  if (port === undefined) return [];
  const match = {destination: host(metadataAddress), input: {device: 'qr-+'}, tcpPort: 80};
  return [{match, target: {kind: 'redirect', port}}];
}

function toFixed({floating, fixed}: FloatingIp, device?: string): NatRule {
  const match = {destination: host(floating), ...(device !== undefined && {input: {device}})};
  return {match, target: {kind: 'dnat', to: fixed}};
}

function fromFixed({floating, fixed}: FloatingIp, {randomFully}: NatRelease): NatRule {
  const target: NatTarget = {kind: 'snat', to: floating, ...(randomFully && {random: 'random-fully'})};
  return {match: {source: host(fixed)}, target};
}

function jump(chain: string): NatRule {
  return {match: {}, target: {kind: 'jump', chain}};
}

function host(address: Ipv4): Cidr {
  return {address, length: 32};
}
