import {contains, formatIpv4} from '../models/wire/ipv4.ts';
import {readGroupOperation, readRuleOperation} from './check-group-operations.ts';
import {readReplacement} from './check-replacement.ts';
import {cloudKinds} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory, RouterSite} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {Fault, FloatingIp, OperationOfFile, Vm} from './scenario.ts';
import {formatTime} from './units.ts';

type OperationDraft = Draft['operations'][string];

/** What the entry of an operation speaks of, and which entry of the file it is. */
type Around = {
  readonly number: number;
  readonly vms: readonly Vm[];
  readonly floatingIps: readonly FloatingIp[];
  readonly reachability: Reachability;
};

/** Checks what operators do: only Neutron's clouds can be changed while they run. */
export function checkOperations(
  draft: Draft,
  floatingIps: readonly FloatingIp[],
  reachability: Reachability,
  vms: readonly Vm[],
  inventory: Inventory,
): readonly Fault[] {
  const {findings, cloud} = inventory;
  const booted = new Set<string>();
  checkOrder(draft, floatingIps, inventory);
  return Object.entries(draft.operations).map(([name, entry], number) => {
    const path: Path = ['operations', name];
    if (cloud !== 'neutron') {
      const message = `clouds of ${cloudKinds[cloud].title} do not change while they run`;
      findings.mistake(findings.key(path), message, 'Only those of Neutron do: neutron: {}');
    }
    if (findings.has(['faults', name])) findings.mistake(findings.key(path), `${name} is the name of a fault already`);
    const latest = entry.at.base + entry.at.random;
    if (entry.at.base >= draft.duration || latest > draft.duration) {
      const message = `${name} may come as late as ${formatTime(latest)}, and the run ends at ${formatTime(draft.duration)}`;
      findings.mistake(findings.value([...path, 'at']), message);
    }
    const {operation, subjects} = read(entry, path, {number, vms, floatingIps, reachability}, inventory);
    if (entry.do === 'boot') checkOnce(subjects, booted, path, inventory);
    return {
      name,
      breakage: {kind: 'operation', operation},
      targets: subjects.map(subject => ({kind: 'subject', name: subject})),
      at: entry.at,
      lasts: undefined,
      repeat: undefined,
    };
  });
}

function read(
  entry: OperationDraft,
  path: Path,
  {number, vms: owners, floatingIps, reachability}: Around,
  inventory: Inventory,
): {readonly operation: OperationOfFile; readonly subjects: readonly string[]} {
  const {findings, routers, vms} = inventory;
  switch (entry.do) {
    case 'associate': {
      const floating = findFloating(entry['floating-ip'], path, floatingIps, inventory);
      const vm = vms.find(entry.vm, () => findings.value([...path, 'vm']));
      const router = floating && routerOf(floating, reachability, inventory);
      if (vm && router && !router.interfaces.includes(vm.network)) {
        const address = formatIpv4(entry['floating-ip']);
        const message = `${router.name}, the router of ${address}, does not join ${vm.network} of ${entry.vm}`;
        findings.mistake(findings.value([...path, 'vm']), message);
      }
      return {operation: {what: 'associate', vm: entry.vm}, subjects: [formatIpv4(entry['floating-ip'])]};
    }
    case 'disassociate':
      findFloating(entry['floating-ip'], path, floatingIps, inventory);
      return {operation: {what: 'disassociate'}, subjects: [formatIpv4(entry['floating-ip'])]};
    case 'reschedule':
      routers.find(entry.router, () => findings.value([...path, 'router']));
      checkGateway(entry.to, [...path, 'to'], inventory);
      return {operation: {what: 'reschedule', to: entry.to}, subjects: [entry.router]};
    case 'remove':
      routers.find(entry.router, () => findings.value([...path, 'router']));
      checkGateway(entry.from, [...path, 'from'], inventory);
      return {operation: {what: 'remove', from: entry.from}, subjects: [entry.router]};
    case 'add':
      routers.find(entry.router, () => findings.value([...path, 'router']));
      checkGateway(entry.to, [...path, 'to'], inventory);
      return {operation: {what: 'add', to: entry.to}, subjects: [entry.router]};
    case 'boot':
      return {operation: {what: 'boot'}, subjects: readVms(entry.vm, path, inventory)};
    case 'move':
      vms.find(entry.vm, () => findings.value([...path, 'vm']));
      checkHome(entry.to, [...path, 'to'], inventory);
      return {operation: {what: 'move', to: entry.to}, subjects: [entry.vm]};
    case 'replace':
      return {operation: readReplacement(entry, number, path, owners, inventory), subjects: [entry.machine]};
    case 'add-rule':
    case 'remove-rule':
      return {operation: readRuleOperation(entry, path, inventory), subjects: [entry['security-group']]};
    case 'add-group':
    case 'remove-group': {
      const subjects = readVms(entry.vm, path, inventory);
      return {operation: readGroupOperation(entry, subjects, path, inventory), subjects};
    }
  }
}

function findFloating(
  address: number,
  path: Path,
  floatingIps: readonly FloatingIp[],
  {findings}: Inventory,
): FloatingIp | undefined {
  const floating = floatingIps.find(candidate => candidate.address === address);
  if (!floating) {
    const message = `${formatIpv4(address)} is none of the floating IPs`;
    findings.mistake(findings.value([...path, 'floating-ip']), message, 'Give it a VM under "floating-ips" first');
  }
  return floating;
}

/** The router that translates a floating IP: between its VM's network and the one that the address is of. */
function routerOf(
  {vm, address}: FloatingIp,
  reachability: Reachability,
  {vms, networks}: Inventory,
): RouterSite | undefined {
  const inside = vms.get(vm)?.network;
  if (inside === undefined) return undefined;
  return reachability.routersOf(inside).find(({external}) => {
    const network = external === undefined ? undefined : networks.get(external);
    return network !== undefined && contains(network.cidr, address);
  });
}

function checkGateway(name: string, path: Path, {chassis, findings}: Inventory): void {
  const role = chassis.find(name, () => findings.value(path))?.role;
  if (role !== undefined && role !== 'gateway') {
    findings.mistake(findings.value(path), `${name} is a ${role}, not a gateway`);
  }
}

/** VMs can be wherever the file can place them. */
function checkHome(name: string, path: Path, {chassis, findings}: Inventory): void {
  if (chassis.find(name, () => findings.value(path))?.role === 'controller') {
    findings.mistake(findings.value(path), `${name} is a controller and has no VMs`);
  }
}

function readVms(words: string | readonly string[], path: Path, inventory: Inventory): readonly string[] {
  const {findings, vms} = inventory;
  const list = typeof words === 'string' ? [words] : words;
  return list.flatMap((word, index) => {
    const span = () => findings.value(typeof words === 'string' ? [...path, 'vm'] : [...path, 'vm', index]);
    const names = inventory.expand(word, span);
    const missing = names.find(name => !vms.has(name));
    if (missing !== undefined) vms.find(missing, span);
    return names;
  });
}

/** A VM that is started twice would have been on already. */
function checkOnce(names: readonly string[], booted: Set<string>, path: Path, {findings}: Inventory): void {
  const again = names.find(name => booted.has(name));
  if (again !== undefined) findings.mistake(findings.value([...path, 'vm']), `${again} is started twice`);
  for (const name of names) booted.add(name);
}

/** What cannot be done, whatever the instants that are drawn. */
function checkOrder({operations}: Draft, floatingIps: readonly FloatingIp[], {findings, expansion}: Inventory): void {
  const entries = Object.entries(operations);
  for (const [name, entry] of entries) {
    const mayComeBefore = ({at}: OperationDraft): boolean => at.base <= entry.at.base + entry.at.random;
    if (entry.do === 'associate') {
      const other = floatingIps.find(({vm, address}) => vm === entry.vm && address !== entry['floating-ip']);
      const isFreed = entries.some(
        ([, before]) => 'floating-ip' in before && before['floating-ip'] === other?.address && mayComeBefore(before),
      );
      if (!other || isFreed) continue;
      const hint = 'Disassociate that one before: Neutron refuses a second one on a port';
      const span = findings.value(['operations', name, 'vm']);
      findings.mistake(span, `${entry.vm} has the floating IP ${formatIpv4(other.address)}`, hint);
    } else if (entry.do === 'move' || entry.do === 'replace') {
      const [key, vm] = entry.do === 'move' ? ['vm', entry.vm] : ['machine', entry.machine];
      const boot = entries.find(([, other]) => other.do === 'boot' && namesOf(other.vm).includes(vm));
      if (boot && boot[1].at.base > entry.at.base + entry.at.random) {
        const hint = `Only machines that run can be ${entry.do}d`;
        findings.mistake(findings.value(['operations', name, key]), `${vm} is off until ${boot[0]} starts it`, hint);
      }
    }
  }

  function namesOf(words: string | readonly string[]): readonly string[] {
    return [words].flat().flatMap(word => {
      const names = expansion.expand(word);
      return 'value' in names ? names.value : [];
    });
  }
}
