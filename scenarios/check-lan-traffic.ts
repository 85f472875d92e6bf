import {formatIpv4, parseIpv4} from '../models/wire/ipv4.ts';
import type {Findings, Path} from './findings.ts';
import type {LanDraft} from './grammar-lans.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Endpoint, Machine, TrafficGroup} from './scenario.ts';
import {soundEntries} from './sections.ts';
import {readOptions} from './traffic-options.ts';
import {formatTime} from './units.ts';

/** Checks that each group goes from a machine to a machine or to an address that somebody can have. */
export function checkLanTraffic(
  draft: LanDraft,
  flawed: ReadonlySet<string>,
  machines: readonly Machine[],
  findings: Findings,
): readonly TrafficGroup[] {
  return soundEntries(draft.traffic, 'traffic', flawed).map(([name, entry]) => {
    const path: Path = ['traffic', name];
    const {protocol, every, start, count, limit, port, source, size} = entry;
    const from = readSide(entry.from, 'from', path, machines, findings);
    const to = readSide(entry.to, 'to', path, machines, findings);
    for (const endpoint of to) {
      const isVirtual = endpoint.kind === 'address' && isVirtualAddress(endpoint.address, machines);
      if (!isVirtual || protocol === 'icmp-echo') continue;
      const message = `${formatIpv4(endpoint.address)} is a virtual address, which answers icmp-echo only`;
      findings.mistake(findings.value([...path, 'to']), message);
    }
    if (start >= draft.duration) {
      const message = `${name} would start at ${formatTime(start)}, and the run ends at ${formatTime(draft.duration)}`;
      findings.mistake(findings.value([...path, 'start']), message);
    }
    if (protocol === 'icmp-echo' && findings.has([...path, 'port'])) {
      findings.mistake(findings.value([...path, 'port']), 'icmp-echo has no port');
    }
    const options = readOptions(entry, path, findings);
    return {name, from, to, protocol, every, start, count, limit, port, source, size, ...options};
  });
}

function readSide(
  words: string | readonly string[],
  side: 'from' | 'to',
  path: Path,
  machines: readonly Machine[],
  findings: Findings,
): readonly Endpoint[] {
  const list = typeof words === 'string' ? [words] : words;
  return list.flatMap((word, index): readonly Endpoint[] => {
    const place = typeof words === 'string' ? [...path, side] : [...path, side, index];
    if (list.indexOf(word) < index) findings.mistake(findings.value(place), `${word} stands here twice`);
    const address = parseIpv4(word);
    if (address !== undefined && side === 'to') {
      const isKnown = machines.some(({interfaces}) => interfaces.some(own => own.address?.address === address));
      if (!isKnown && !isVirtualAddress(address, machines)) {
        findings.mistake(findings.value(place), `nobody has the address ${word}`);
      }
      return [{kind: 'address', address}];
    }
    const machine = machines.find(({name}) => name === word);
    if (!machine) {
      const names = machines.map(({name}) => name);
      findings.mistake(findings.value(place), `machine ${quote(word)} does not exist`, () => didYouMean(word, names));
      return [];
    }
    if (!machine.interfaces.some(({address: own}) => own)) {
      findings.mistake(findings.value(place), `${word} has no address`);
    }
    return [{kind: 'host', name: word}];
  });
}

function isVirtualAddress(address: number, machines: readonly Machine[]): boolean {
  return machines.some(({keepalived}) =>
    keepalived?.instances.some(({virtualAddresses, excludedAddresses}) =>
      [...virtualAddresses, ...excludedAddresses].some(virtual => virtual.address === address),
    ),
  );
}
