import {addressHosts, checkHosts} from './check-hosts.ts';
import {checkChassis} from './check-chassis.ts';
import {addressDhcp} from './check-dhcp.ts';
import {checkExpectations} from './check-expectations.ts';
import {checkFaults} from './check-faults.ts';
import {checkFloatingIps} from './check-floating-ips.ts';
import {checkMtus} from './check-mtus.ts';
import {checkRulesRemoved} from './check-group-operations.ts';
import {checkHighAvailability} from './check-ha.ts';
import {checkNetworks, openAddressBooks} from './check-networks.ts';
import {checkOperations} from './check-operations.ts';
import {checkRouters} from './check-routers.ts';
import {checkNextHops} from './check-routes.ts';
import {checkSecurityGroups} from './check-security-groups.ts';
import {checkIdleOptions} from './check-idle-options.ts';
import {checkMechanism} from './check-mechanism.ts';
import {checkSegments} from './check-segments.ts';
import {readSysctls} from './check-sysctls.ts';
import {checkTraffic} from './check-traffic.ts';
import {addressVms, checkVms} from './check-vms.ts';
import {readDraft} from './draft.ts';
import {Findings} from './findings.ts';
import {neutronOptions, ovnOptions, sectionsOfNames, sectionsOfTemplates, type Draft} from './grammar.ts';
import {lanSections} from './grammar-lans.ts';
import {Inventory} from './inventory.ts';
import {MistakeList} from './mistake-list.ts';
import type {Mistake} from './mistakes.ts';
import {Reachability} from './reachability.ts';
import {toHostProfile} from './check-chassis.ts';
import type {Scenario} from './scenario.ts';
import {applySettings} from './settings.ts';
import {spareAddresses} from './spare-addresses.ts';
import {Source} from './source.ts';
import {readLans} from './read-lans.ts';
import {writeOut} from './write-out.ts';
import {readTree, toPlain, type Plain} from './yaml-tree.ts';

/** A checked scenario, with what is odd about it but can be run; or all that is wrong with it. */
export type Reading =
  {readonly scenario: Scenario; readonly warnings: readonly Mistake[]} | {readonly mistakes: readonly Mistake[]};

const settingRules = {
  shortcuts: new Map([
    ...ovnOptions.map(option => [option, 'ovn'] as const),
    ...neutronOptions.map(option => [option, 'neutron'] as const),
  ]),
  given: new Set(['neutron']),
  named: new Set<string>([...sectionsOfNames, ...lanSections].filter(section => section !== 'segments')),
};

const countedSections = {
  named: new Set<string>([...sectionsOfNames, ...lanSections]),
  templates: new Set<string>(sectionsOfTemplates),
};

/**
 * Reads a scenario file. Any text at all gives a scenario or mistakes. `file` is its name in the mistakes; each of
 * `settings` is a `path=value` that counts more than the file.
 */
export function readScenario(text: string, file: string, settings: readonly string[] = []): Reading {
  const list = new MistakeList();
  const source = new Source(file, text);
  const root = readTree(source, 0, list);
  if (!root) return {mistakes: list.mistakes};
  if (root.kind !== 'map') {
    const what = root.kind === 'scalar' && root.value === null ? 'the file is empty' : 'a scenario is a map';
    list.add(root.span, `${what}: it needs name, duration, chassis and networks`);
    return {mistakes: list.mistakes};
  }
  applySettings(root, settings, settingRules, list);
  writeOut(root, countedSections, list);
  const findings = new Findings(root, list);
  const scenario = root.entries.has('lans') ? readLans(toPlain(root), findings) : readCloud(toPlain(root), findings);
  return scenario && list.isEmpty ? {scenario, warnings: list.warnings} : {mistakes: list.mistakes};
}

/** The path of a setting with its section, which options may leave out. */
export function fullPath(path: string): string {
  const section = settingRules.shortcuts.get(path);
  return section === undefined ? path : `${section}.${path}`;
}

function readCloud(content: Plain, findings: Findings): Scenario | undefined {
  const reading = readDraft(content, findings);
  return reading && check(reading.draft, reading.flawed, new Inventory(findings, reading.draft.neutron));
}

/** Each part is checked after those it speaks of; addresses are given once all that are named are known. */
function check(draft: Draft, flawed: ReadonlySet<string>, inventory: Inventory): Scenario {
  const {findings} = inventory;
  if (inventory.cloud === 'neutron' && findings.has(['ovn'])) {
    const message = '"ovn" has no meaning here: the section "neutron" makes this cloud one of Neutron';
    findings.mistake(findings.key(['ovn']), message, 'Leave one of the two out');
  }
  checkMechanism(draft, inventory);
  checkIdleOptions(draft, inventory);
  const chassis = checkChassis(draft, flawed, inventory);
  const networks = checkNetworks(draft, flawed, inventory);
  const segments = checkSegments(draft, networks, chassis, inventory);
  checkMtus(networks, segments, inventory);
  const books = openAddressBooks(networks, inventory);
  const routers = checkRouters(draft, flawed, books, inventory);
  checkHighAvailability(draft, routers, segments, inventory);
  const reachability = new Reachability(inventory);
  const securityGroups = checkSecurityGroups(draft, flawed, inventory);
  const namedVms = checkVms(draft, flawed, books, inventory);
  const namedHosts = checkHosts(draft, flawed, books, inventory);
  const floatingIps = checkFloatingIps(draft, books, reachability, inventory);
  const hosts = addressHosts(namedHosts, books, inventory);
  checkNextHops(routers, hosts, inventory);
  const dhcpAddresses = addressDhcp(draft, networks, books, inventory);
  const vms = addressVms(namedVms, books, inventory);
  const spares = spareAddresses(draft, floatingIps, books, reachability, inventory);
  const traffic = checkTraffic(
    draft,
    [...floatingIps, ...spares.map(({address}) => ({address, vm: undefined}))],
    reachability,
    inventory,
  );
  const operations = checkOperations(draft, {floatingIps, spares, vms}, reachability, inventory);
  checkRulesRemoved(draft, securityGroups, operations, inventory);
  const faults = [...checkFaults(draft, segments, inventory), ...operations];
  const expectations = checkExpectations(draft, findings);
  const {name, description, duration, ovn, neutron, sweep} = draft;
  return {
    ...{name, description, duration, host: toHostProfile(draft.host), machines: undefined, ovn, neutron, segments},
    sysctls: readSysctls(draft, inventory),
    ...{chassis, networks, routers, securityGroups, vms, hosts, floatingIps, dhcpAddresses},
    spareAddresses: spares,
    ...{traffic, faults, expectations, sweep},
  };
}
