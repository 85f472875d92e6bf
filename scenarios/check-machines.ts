import {contains, formatCidr, formatIpv4, type Cidr, type Ipv4} from '../models/wire/ipv4.ts';
import {notAHost} from './address-book.ts';
import {toHostProfile} from './check-chassis.ts';
import {checkKeepalived} from './check-keepalived.ts';
import {readMachineSysctls} from './check-sysctls.ts';
import type {Findings, Path} from './findings.ts';
import type {LanDraft} from './grammar-lans.ts';
import {quote} from './mistakes.ts';
import type {HostProfile, Machine, Segment} from './scenario.ts';
import {hasFlaws, missing, soundEntries} from './sections.ts';

type MachineDraft = LanDraft['machines'][string];
type Interface = Machine['interfaces'][number];

/** The LANs as segments. */
export function checkLans(draft: LanDraft, flawed: ReadonlySet<string>, findings: Findings): readonly Segment[] {
  const sound = soundEntries(draft.lans, 'lans', flawed);
  if (sound.length === 0 && !hasFlaws('lans', flawed)) findings.mistake(findings.key(['lans']), 'there is no LAN');
  return sound.map(([name, lan]) => ({name, kind: 'lan', ...lan, trunk: undefined, knownMacsOnly: false}));
}

/** Checks each machine alone and its addresses against those of the others. */
export function checkMachines(
  draft: LanDraft,
  flawed: ReadonlySet<string>,
  lans: readonly Segment[],
  findings: Findings,
): readonly Machine[] {
  const profile = toHostProfile(draft.host);
  const owners = new Map<string, string>();
  const lansComplete = !hasFlaws('lans', flawed);
  return soundEntries(draft.machines, 'machines', flawed).map(([name, entry]) => {
    const path: Path = ['machines', name];
    if (draft.lans[name]) findings.mistake(findings.key(path), `${quote(name)} is the name of a LAN already`);
    if (name === 'all' || name === 'switch')
      findings.mistake(findings.key(path), `${quote(name)} cannot be a name here`);
    const interfaces = Object.entries(entry.interfaces).map(([device, {lan, address}]): Interface => {
      const place = [...path, 'interfaces', device];
      const segment = lans.find(candidate => candidate.name === lan);
      if (!segment && lansComplete) missing('LAN', lan, [...place, 'lan'], lans, findings);
      if (device === 'all') findings.mistake(findings.key(place), '"all" cannot be the name of an interface');
      if (segment && address !== undefined) claim(address, segment, `${name} ${device}`, owners, place, findings);
      return {
        name: device,
        lan,
        address: address !== undefined && segment ? {address, length: segment.cidr.length} : undefined,
      };
    });
    return build(name, entry, interfaces, lans, profile, path, findings);
  });
}

function build(
  name: string,
  entry: MachineDraft,
  interfaces: readonly Interface[],
  lans: readonly Segment[],
  profile: HostProfile,
  path: Path,
  findings: Findings,
): Machine {
  const {gateway, keepalived, host, forwards, sysctls} = entry;
  const deviceTo = (nextHop: Ipv4): string | undefined =>
    interfaces.find(({lan}) => contains(lans.find(candidate => candidate.name === lan)?.cidr ?? nowhere, nextHop))
      ?.name;
  const routes = [
    ...entry.routes.map((route, index) => ({
      prefix: route.prefix,
      via: route['next-hop'],
      place: ['routes', index, 'next-hop'],
    })),
    ...(gateway === undefined ? [] : [{prefix: everywhere, via: gateway, place: ['gateway']}]),
  ].flatMap(({prefix, via, place}) => {
    const device = deviceTo(via);
    if (device !== undefined) return [{prefix, via, device}];
    const isKnown = interfaces.every(({lan}) => lans.some(candidate => candidate.name === lan));
    if (isKnown) findings.mistake(findings.value([...path, ...place]), `${formatIpv4(via)} is on no LAN of ${name}`);
    return [];
  });
  return {
    ...{name, interfaces, routes},
    host: host === undefined ? profile : toHostProfile(host),
    forwards: forwards ?? keepalived !== undefined,
    sysctls: readMachineSysctls(sysctls),
    keepalived: keepalived && checkKeepalived(keepalived, interfaces, [...path, 'keepalived'], findings),
  };
}

function claim(
  address: Ipv4,
  {name, cidr}: Segment,
  owner: string,
  owners: Map<string, string>,
  path: Path,
  findings: Findings,
): void {
  const key = `${name} ${address}`;
  const other = owners.get(key);
  const flaw =
    notAHost(address, {name, cidr}) ??
    (other === undefined ? undefined : `${formatIpv4(address)} is taken on ${name} (${formatCidr(cidr)}) by ${other}`);
  if (flaw !== undefined) findings.mistake(findings.value([...path, 'address']), flaw);
  owners.set(key, owner);
}

const everywhere: Cidr = {address: 0, length: 0};
const nowhere: Cidr = {address: 0, length: 32};
