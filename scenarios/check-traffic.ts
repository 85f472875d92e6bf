import {nameOf, readEndpoints} from './endpoints.ts';
import type {Path} from './findings.ts';
import {FlowPaths, type OuterAddress} from './flow-paths.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {Endpoint, TrafficGroup} from './scenario.ts';
import {readOptions} from './traffic-options.ts';
import {formatTime} from './units.ts';

/** The most flows of a file: more would not fit into the memory of a common machine. */
const mostFlows = 2_000_000;

/** Mistakes of one group that are told: the others are mostly the same again. */
const mostFlawsOfPaths = 5;

/** Checks that each group goes from something to something that it can reach. */
export function checkTraffic(
  draft: Draft,
  floatingIps: readonly OuterAddress[],
  reachability: Reachability,
  inventory: Inventory,
): readonly TrafficGroup[] {
  const {findings} = inventory;
  const paths = new FlowPaths(floatingIps, reachability, inventory);
  let flows = 0;
  return Object.entries(draft.traffic).map(([name, entry]) => {
    const path: Path = ['traffic', name];
    const from = readSide(entry.from, 'from', path, inventory);
    const to = readSide(entry.to, 'to', path, inventory);
    flows += from.length * to.length;
    if (flows > mostFlows && from.length * to.length > 0) {
      findings.mistake(findings.key(path), `more than ${mostFlows.toLocaleString('en-US')} flows`);
    } else if (inventory.routersComplete) {
      checkPaths(from, to, entry.protocol, paths, path, inventory);
    }
    const {protocol, every, start, count, limit, port, source, size} = entry;
    if (start >= draft.duration) {
      const message = `${name} would start at ${formatTime(start)}, and the run ends at ${formatTime(draft.duration)}`;
      findings.mistake(findings.value([...path, 'start']), message);
    }
    if (protocol === 'icmp-echo' && findings.has([...path, 'port'])) {
      findings.mistake(findings.value([...path, 'port']), 'icmp-echo has no port');
    }
    if (to.some(({kind}) => kind === 'metadata')) checkMetadata(entry, path, inventory);
    const options = readOptions(entry, path, findings);
    return {name, from, to, protocol, every, start, count, limit, port, source, size, ...options};
  });
}

/** The metadata service is asked by HTTP. */
function checkMetadata({protocol, pattern}: Draft['traffic'][string], path: Path, {findings}: Inventory): void {
  if (protocol !== 'tcp') {
    findings.mistake(findings.value([...path, 'to']), 'the metadata service is asked by tcp', 'Write protocol: tcp');
  }
  if (pattern !== undefined && pattern !== 'ping-pong' && pattern !== 'connect') {
    findings.mistake(
      findings.value([...path, 'pattern']),
      'the metadata service answers what it is asked: ping-pong, or connect',
    );
  }
  for (const key of ['port', 'listening']) {
    if (!findings.has([...path, key])) continue;
    findings.mistake(
      findings.key([...path, key]),
      `the metadata service has port 80 and decides itself who listens: leave out "${key}"`,
    );
  }
}

function readSide(
  words: string | readonly string[],
  side: 'from' | 'to',
  path: Path,
  inventory: Inventory,
): Endpoint[] {
  const list = typeof words === 'string' ? [words] : words;
  const seen = new Set<string>();
  return list.flatMap((word, index) => {
    const place = typeof words === 'string' ? [...path, side] : [...path, side, index];
    const endpoints = readEndpoints(word, side, () => inventory.findings.value(place), inventory) ?? [];
    const again = endpoints.find(endpoint => seen.has(nameOf(endpoint)));
    if (again) inventory.findings.mistake(inventory.findings.value(place), `${nameOf(again)} stands here twice`);
    for (const endpoint of endpoints) seen.add(nameOf(endpoint));
    return endpoints;
  });
}

/** One flow of each kind stands for all between the same places. */
function checkPaths(
  from: readonly Endpoint[],
  to: readonly Endpoint[],
  protocol: TrafficGroup['protocol'],
  paths: FlowPaths,
  path: Path,
  {findings}: Inventory,
): void {
  if (from.length === 1 && to.length === 1 && nameOf(from[0]) === nameOf(to[0])) {
    findings.mistake(findings.value([...path, 'to']), `${nameOf(from[0])} would talk to itself`);
  }
  const told = new Set<string>();
  for (const source of oneOfEach(from, paths)) {
    for (const destination of oneOfEach(to, paths)) {
      const flaw =
        protocol !== 'icmp-echo' && paths.asksRouter(source, destination)
          ? {message: `${nameOf(destination)} is a router, which answers icmp-echo only`}
          : paths.flaw(source, destination);
      if (!flaw || told.has(`${paths.keyOf(destination)} ${paths.keyOf(source)}`)) continue;
      told.add(`${paths.keyOf(source)} ${paths.keyOf(destination)}`);
      findings.mistake(findings.value([...path, 'to']), flaw.message, flaw.hint);
      if (told.size === mostFlawsOfPaths) return;
    }
  }
}

function oneOfEach(endpoints: readonly Endpoint[], paths: FlowPaths): readonly Endpoint[] {
  const first = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const key = paths.keyOf(endpoint);
    if (!first.has(key)) first.set(key, endpoint);
  }
  return [...first.values()];
}
