import {formatIpv4} from '../models/wire/ipv4.ts';
import {readGroupOperation, readRuleOperation} from './check-group-operations.ts';
import {readReplacement} from './check-replacement.ts';
import {cloudKinds} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import {exitOf, routerOf} from './floating-routers.ts';
import type {Draft} from './grammar.ts';
import type {Inventory, RouterSite} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {Fault, FloatingIp, OperationOfFile, SpareAddress, Vm} from './scenario.ts';
import {formatTime} from './units.ts';

type OperationDraft = Draft['operations'][string];

/** What the entry of an operation speaks of, and which entry of the file it is. */
type Around = {
  readonly number: number;
  readonly vms: readonly Vm[];
  readonly floatingIps: readonly FloatingIp[];
  readonly spares: readonly SpareAddress[];
  readonly reachability: Reachability;
};

/** Checks what operators do: only Neutron's clouds can be changed while they run. */
export function checkOperations(
  draft: Draft,
  {floatingIps, spares, vms}: Pick<Around, 'floatingIps' | 'spares' | 'vms'>,
  reachability: Reachability,
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
    const {operation, subjects} = read(entry, path, {number, vms, floatingIps, spares, reachability}, inventory);
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
  around: Around,
  inventory: Inventory,
): {readonly operation: OperationOfFile; readonly subjects: readonly string[]} {
  const {findings, routers, vms} = inventory;
  const {number, vms: owners, reachability} = around;
  switch (entry.do) {
    case 'associate': {
      const sites = findFloating(entry['floating-ip'], path, around, inventory);
      const vm = vms.find(entry.vm, () => findings.value([...path, 'vm']));
      if (vm && sites.length > 0 && !sites.some(({interfaces}) => interfaces.includes(vm.network))) {
        const address = formatIpv4(entry['floating-ip']);
        const message = `${sites[0].name}, the router of ${address}, does not join ${vm.network} of ${entry.vm}`;
        findings.mistake(findings.value([...path, 'vm']), message);
      }
      return {operation: {what: 'associate', vm: entry.vm}, subjects: [formatIpv4(entry['floating-ip'])]};
    }
    case 'disassociate':
    case 'release':
      findFloating(entry['floating-ip'], path, around, inventory);
      return {operation: {what: entry.do}, subjects: [formatIpv4(entry['floating-ip'])]};
    case 'allocate': {
      const vm = vms.find(entry.vm, () => findings.value([...path, 'vm']));
      if (vm && inventory.routersComplete && !exitOf(entry.vm, reachability, inventory)) {
        const message = `no router leads from ${vm.network} to an external network, so ${entry.vm} can have no floating IP`;
        findings.mistake(findings.value([...path, 'vm']), message);
      }
      return {operation: {what: 'allocate'}, subjects: [entry.vm]};
    }
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
    case 'start':
      return {operation: {what: entry.do}, subjects: readVms(entry.vm, path, inventory)};
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

/** The routers that have the floating IP, or may come to. */
function findFloating(
  address: number,
  path: Path,
  {floatingIps, spares, reachability}: Around,
  inventory: Inventory,
): readonly RouterSite[] {
  const {findings, routers} = inventory;
  const own = floatingIps.filter(candidate => candidate.address === address);
  const others = spares.filter(candidate => candidate.address === address);
  if (own.length + others.length === 0) {
    const message = `${formatIpv4(address)} is none of the floating IPs`;
    const hint =
      'Give it a VM under "floating-ips" first, or let an operation allocate it: the lowest free one is taken';
    findings.mistake(findings.value([...path, 'floating-ip']), message, hint);
  }
  return [
    ...own.map(floating => routerOf(floating, reachability, inventory)),
    ...others.map(({router}) => routers.get(router)),
  ].filter(router => router !== undefined);
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
    if (entry.do === 'associate' || entry.do === 'allocate') {
      const wanted = entry.do === 'associate' ? entry['floating-ip'] : undefined;
      const other = floatingIps.find(({vm, address}) => vm === entry.vm && address !== wanted);
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
