import {formatIpv4, parseIpv4} from '../models/wire/ipv4.ts';
import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Endpoint} from './scenario.ts';
import type {Span} from './source.ts';

/** The endpoints that one word of `from` or `to` stands for; undefined, with a mistake, if it stands for none. */
export function readEndpoints(
  word: string,
  side: 'from' | 'to',
  span: () => Span,
  inventory: Inventory,
): readonly Endpoint[] | undefined {
  const {findings} = inventory;
  const reject = (message: string, hint?: string | (() => string | undefined)) => {
    findings.mistake(span(), message, hint);
    return undefined;
  };
  if (word === 'all vms') return allVms(reject, inventory);
  if (word === 'any vm') {
    return side === 'to' ? [{kind: 'any vm'}] : reject('"any vm" can only be written under "to"', 'Here write all vms');
  }
  if (word === 'metadata') {
    if (side === 'to') return [{kind: 'metadata'}];
    return reject('the metadata service only answers, so it can only be written under "to"');
  }
  const address = parseIpv4(word);
  if (address !== undefined) {
    if (side === 'to') return [{kind: 'address', address}];
    return reject(`${word} is an address, and flows come from VMs and hosts`, 'Write the name');
  }
  return readNames(word, span, inventory);

  function readNames(text: string, at: () => Span, {vms, hosts}: Inventory): readonly Endpoint[] | undefined {
    const names = inventory.expand(text, at);
    if (names.length === 0) return undefined;
    const endpoints: Endpoint[] = [];
    for (const name of names) {
      if (vms.has(name)) endpoints.push({kind: 'vm', name});
      else if (hosts.has(name)) endpoints.push({kind: 'host', name});
      else if (!vms.isComplete || !hosts.isComplete) return undefined;
      else return reject(...missing(name, inventory));
    }
    return endpoints;
  }
}

/** What the endpoint is called in messages. */
export function nameOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'address') return formatIpv4(endpoint.address);
  return 'name' in endpoint ? endpoint.name : endpoint.kind;
}

function allVms(reject: (message: string) => undefined, {vms, expansion}: Inventory): readonly Endpoint[] | undefined {
  if (vms.size === 0) return vms.isComplete ? reject('there are no VMs') : undefined;
  const flaw = expansion.spend(vms.size);
  return flaw === undefined ? Array.from(vms.names, name => ({kind: 'vm', name})) : reject(flaw);
}

function missing(name: string, {vms, hosts, chassis}: Inventory): [string, () => string | undefined] {
  if (name === 'outside') return ['there is no outside: no network is external', () => undefined];
  const message = chassis.has(name)
    ? `${name} is a chassis, not a VM or host`
    : `VM or host ${quote(name)} does not exist`;
  const words = ['all vms', 'any vm', 'metadata', ...hosts.names];
  return [message, () => didYouMean(name, words) ?? vms.suggest(name) ?? everyComputeVm(name, vms.names)];
}

/** With `placement: every compute` the chassis is part of a VM's name. */
function everyComputeVm(name: string, names: Iterable<string>): string | undefined {
  let left = 5_000;
  for (const candidate of names) {
    if (candidate.endsWith(`-${name}`)) return `Did you mean ${quote(candidate)}?`;
    if (--left === 0) return undefined;
  }
  return undefined;
}
