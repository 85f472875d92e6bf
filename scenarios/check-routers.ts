import {broadcastAddress, contains, firstHost, formatCidr} from '../models/wire/ipv4.ts';
import {checkAgent, checkControl, checkNetworkNodes, checkNoPriorities, countNetworkNodes} from './check-agent.ts';
import {checkReplication} from './check-ha.ts';
import {checkGateways} from './check-gateways.ts';
import type {AddressBooks} from './address-book.ts';
import {checkRoutes, type Port} from './check-routes.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {didYouMean} from './near-miss.ts';
import type {Network, Router} from './scenario.ts';

type RouterDraft = Draft['routers'][string];

/** Checks each router: its networks, its gateway chassis, whom it translates, its routes. */
export function checkRouters(
  draft: Draft,
  flawed: ReadonlySet<string>,
  books: AddressBooks,
  inventory: Inventory,
): readonly Router[] {
  const {findings} = inventory;
  const routers: Router[] = [];
  checkNetworkNodes(inventory);
  for (const name of findings.keysOf(['routers'])) {
    const entry = draft.routers[name] as RouterDraft | undefined;
    const isFlawed = flawed.has(`routers/${name}`);
    if (entry === undefined || isFlawed) inventory.routersComplete = false;
    if (entry === undefined) {
      inventory.routers.addFlawed(name);
      continue;
    }
    const router = checkRouter(name, entry, isFlawed, books, inventory);
    routers.push(router);
    const {external, interfaces, gatewayChassis, ha, agents} = router;
    const site = {
      ...{name, external: external?.network, interfaces: interfaces.map(({network}) => network)},
      ...{addresses: [...(external ? [external.address] : []), ...interfaces.map(({address}) => address)]},
      gateways: inventory.cloud === 'ovn' ? gatewayChassis.length : countNetworkNodes(inventory),
      ...{ha, agents},
    };
    inventory.routers.add(name, site, () => findings.key(['routers', name]));
  }
  return routers;
}

function checkRouter(
  name: string,
  entry: RouterDraft,
  isFlawed: boolean,
  books: AddressBooks,
  inventory: Inventory,
): Router {
  const path: Path = ['routers', name];
  const outside = checkExternal(name, entry, books, inventory);
  const inside = checkInterfaces(name, entry, books, inventory);
  checkOverlaps([...(outside ? [outside] : []), ...inside], path, inventory);
  if (inventory.cloud === 'neutron') checkNoPriorities(entry, path, inventory);
  const external = outside && {network: outside.network.name, address: outside.address};
  return {
    name,
    control: checkControl(entry, path, inventory),
    external,
    interfaces: inside.map(({network, address}) => ({network: network.name, address})),
    gatewayChassis: inventory.cloud === 'ovn' ? checkGateways(entry, isFlawed, path, inventory) : [],
    agent: checkAgent(entry, path, inventory),
    ...checkReplication(entry, path, inventory),
    project: entry.project,
    snat: checkSnat(entry, isFlawed, inside, path, inventory),
    routes: checkRoutes(entry, outside, inside, path, inventory),
  };
}

function checkExternal(name: string, {external}: RouterDraft, books: AddressBooks, inventory: Inventory) {
  if (!external) return undefined;
  const {findings} = inventory;
  const path: Path = ['routers', name, 'external'];
  const network = inventory.networks.find(external.network, () => findings.value([...path, 'network']));
  if (!network?.external) {
    inventory.routersComplete = false;
    if (network) findings.mistake(findings.value([...path, 'network']), `${network.name} is not external`);
    return undefined;
  }
  const flaw = books.get(network.name)?.claim(external.address, `it is the address of ${name}`);
  if (flaw !== undefined) findings.mistake(findings.value([...path, 'address']), flaw);
  return {network, address: external.address};
}

function checkInterfaces(
  name: string,
  {interfaces}: RouterDraft,
  books: AddressBooks,
  inventory: Inventory,
): readonly Port[] {
  const {findings} = inventory;
  const ports = new Map<string, Port>();
  for (const [index, item] of interfaces.entries()) {
    const path: Path = ['routers', name, 'interfaces', index];
    const reference = typeof item === 'string' ? item : item.network;
    const span = () => findings.value(typeof item === 'string' ? path : [...path, 'network']);
    const network = inventory.networks.find(reference, span);
    if (!network) {
      inventory.routersComplete = false;
    } else if (network.external) {
      findings.mistake(span(), `${network.name} is external`, 'Write it under "external"');
    } else if (ports.has(network.name)) {
      findings.mistake(span(), `${name} has an interface on ${network.name} already`);
    } else {
      const given = typeof item === 'string' ? undefined : item.address;
      const address = given ?? firstHost(network.cidr);
      const flaw = books.get(network.name)?.claim(address, `it is the address of ${name}`);
      if (flaw !== undefined)
        findings.mistake(given === undefined ? span() : findings.value([...path, 'address']), flaw);
      ports.set(network.name, {network, address});
    }
  }
  return [...ports.values()];
}

function checkOverlaps(ports: readonly Port[], path: Path, {findings}: Inventory): void {
  const sorted = ports.map(({network}) => network).sort((a, b) => a.cidr.address - b.cidr.address);
  let widest: Network | undefined;
  for (const network of sorted) {
    if (widest && contains(widest.cidr, network.cidr.address)) {
      const [first, second] = [widest, network].map(({name, cidr}) => `${name} (${formatCidr(cidr)})`);
      findings.mistake(findings.key(path), `${first} and ${second} overlap, and ${path[1]} joins them`);
    }
    if (!widest || broadcastAddress(network.cidr) > broadcastAddress(widest.cidr)) widest = network;
  }
}

function checkSnat(
  {snat, external}: RouterDraft,
  isFlawed: boolean,
  inside: readonly Port[],
  path: Path,
  inventory: Inventory,
): readonly string[] {
  const {findings} = inventory;
  const networks = inside.map(({network}) => network.name);
  const isWanted = snat === true || (Array.isArray(snat) && snat.length > 0);
  if (isWanted && !external && !isFlawed) {
    findings.mistake(findings.value([...path, 'snat']), `${path[1]} has no external network to translate to`);
  }
  if (!Array.isArray(snat)) return (snat ?? external !== undefined) ? networks : [];
  for (const [index, network] of snat.entries()) {
    const span = () => findings.value([...path, 'snat', index]);
    const known = inventory.networks.find(network, span);
    if (!known || networks.includes(network) || !inventory.routersComplete) continue;
    findings.mistake(span(), `${path[1]} has no interface on ${network}`, () => didYouMean(network, networks));
  }
  if (inventory.cloud === 'neutron' && snat.length > 0 && networks.some(network => !snat.includes(network))) {
    const message = `Neutron translates all networks of ${path[1]} or none`;
    findings.mistake(findings.value([...path, 'snat']), message, 'Write snat: true or snat: false');
  }
  return snat;
}
