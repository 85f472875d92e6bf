import {formatIpv4} from '../models/wire/ipv4.ts';
import {cloudKinds} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {Chassis, Fault, FloatingIp, OperationOfFile} from './scenario.ts';
import {formatTime} from './units.ts';

type OperationDraft = Draft['operations'][string];

/** Checks what operators do: only Neutron's clouds can be changed while they run. */
export function checkOperations(
  draft: Draft,
  floatingIps: readonly FloatingIp[],
  reachability: Reachability,
  inventory: Inventory,
): readonly Fault[] {
  const {findings, cloud} = inventory;
  const booted = new Set<string>();
  return Object.entries(draft.operations).map(([name, entry]) => {
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
    const {operation, subjects} = read(entry, path, floatingIps, reachability, inventory);
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
  floatingIps: readonly FloatingIp[],
  reachability: Reachability,
  inventory: Inventory,
): {readonly operation: OperationOfFile; readonly subjects: readonly string[]} {
  const {findings, routers, vms} = inventory;
  switch (entry.do) {
    case 'associate': {
      const floating = findFloating(entry['floating-ip'], path, floatingIps, inventory);
      const vm = vms.find(entry.vm, () => findings.value([...path, 'vm']));
      const before = floating && vms.get(floating.vm);
      if (vm && before && !sharesRouter(vm.network, before.network, reachability)) {
        const message = `no router of ${formatIpv4(entry['floating-ip'])} joins ${vm.network} of ${entry.vm}`;
        findings.mistake(findings.value([...path, 'vm']), message);
      }
      return {operation: {what: 'associate', vm: entry.vm}, subjects: [formatIpv4(entry['floating-ip'])]};
    }
    case 'disassociate':
      findFloating(entry['floating-ip'], path, floatingIps, inventory);
      return {operation: {what: 'disassociate'}, subjects: [formatIpv4(entry['floating-ip'])]};
    case 'reschedule':
      routers.find(entry.router, () => findings.value([...path, 'router']));
      checkPlace(entry.to, 'gateway', path, inventory);
      return {operation: {what: 'reschedule', to: entry.to}, subjects: [entry.router]};
    case 'boot':
      return {operation: {what: 'boot'}, subjects: readVms(entry.vm, path, inventory)};
    case 'move':
      vms.find(entry.vm, () => findings.value([...path, 'vm']));
      checkPlace(entry.to, 'compute', path, inventory);
      return {operation: {what: 'move', to: entry.to}, subjects: [entry.vm]};
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

function sharesRouter(network: string, other: string, reachability: Reachability): boolean {
  const near = new Set(reachability.routersOf(network).map(({name}) => name));
  return reachability.routersOf(other).some(({name}) => near.has(name));
}

function checkPlace(name: string, wanted: Chassis['role'], path: Path, {chassis, findings}: Inventory): void {
  const span = () => findings.value([...path, 'to']);
  const role = chassis.find(name, span)?.role;
  if (role !== undefined && role !== wanted) findings.mistake(span(), `${name} is a ${role}, not a ${wanted}`);
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
