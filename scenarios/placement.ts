import type {Path} from './findings.ts';
import {everyCompute, type Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Vm} from './scenario.ts';

/** Where the VMs of one entry go. */
export type Places = {
  /** Used in turn; undefined where the plan chooses. */
  readonly chassis: readonly (string | undefined)[];
  readonly placement: Vm['placement'];
  /** Each VM of the entry once on each chassis, instead of one after the other. */
  readonly isEach: boolean;
};

const strategies = ['spread', 'pack', 'random'] as const;

/** Reads what stands under `placement`. */
export function placesOf(placement: string | readonly string[], path: Path, inventory: Inventory): Places {
  const {findings, chassis} = inventory;
  if (placement === everyCompute) {
    const computes = chassis.things.filter(({role}) => role === 'compute').map(({name}) => name);
    if (computes.length === 0 && !chassis.hasFlaws) findings.mistake(findings.value(path), 'no chassis is a compute');
    return {chassis: computes, placement: 'spread', isEach: true};
  }
  const strategy = strategies.find(candidate => candidate === placement);
  if (strategy === undefined)
    return {chassis: namedPlaces(placement, path, inventory), placement: 'spread', isEach: false};
  const isHome = chassis.things.some(({role}) => role !== 'controller');
  if (!isHome && !chassis.hasFlaws) findings.mistake(findings.value(path), 'no chassis can have VMs');
  return {chassis: [undefined], placement: strategy, isEach: false};
}

function namedPlaces(placement: string | readonly string[], path: Path, inventory: Inventory): Places['chassis'] {
  const {findings, chassis} = inventory;
  const words = typeof placement === 'string' ? [placement] : placement;
  const names: string[] = [];
  for (const [index, word] of words.entries()) {
    const span = () => findings.value(typeof placement === 'string' ? path : [...path, index]);
    for (const name of inventory.expand(word, span)) {
      if (!chassis.has(name)) {
        const candidates = [...strategies, everyCompute];
        const hint = () => didYouMean(name, candidates) ?? chassis.suggest(name) ?? forms;
        if (!chassis.mayHave(name)) findings.mistake(span(), `${quote(name)} is not a place for VMs`, hint);
        break;
      }
      if (chassis.get(name)?.role === 'controller') {
        findings.mistake(span(), `${name} is a controller and has no VMs`);
        break;
      }
      names.push(name);
    }
  }
  return names.length > 0 ? names : [undefined];
}

const forms = 'A place is spread, pack, random, every compute, a chassis or a list of chassis';
