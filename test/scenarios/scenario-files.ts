import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import type {Scenario} from '../../scenarios/scenario.ts';

/** The scenarios of `test/scenarios/good` by name. */
export const goodScenarios: ReadonlyMap<string, string> = new Map(
  readdirSync(join(process.cwd(), 'test/scenarios/good'))
    .sort()
    .map(file => [file.replace('.yaml', ''), readFileSync(join(process.cwd(), 'test/scenarios/good', file), 'utf8')]),
);

/** A small cloud: one gateway, two computes, one router between `private` and `public`. */
export const smallCloud = [
  'name: small',
  'duration: 60s',
  'chassis:',
  '  gw[1..3]: {role: gateway}',
  '  cn[1..2]: {role: compute}',
  'networks:',
  '  public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
  '  private: {type: geneve, cidr: 172.16.100.0/24}',
  'routers:',
  '  r1:',
  '    external: {network: public, address: 10.0.2.2}',
  '    interfaces: [private]',
  '    gateway-chassis: {gw1: 30, gw2: 20, gw3: 10}',
  '',
].join('\n');

/** The scenario of a text that has no mistakes. */
export function scenarioOf(text: string, settings: readonly string[] = []): Scenario {
  const reading = readScenario(text, 'test.yaml', settings);
  if ('mistakes' in reading) throw new Error(formatMistakes(reading.mistakes, text, settings));
  return reading.scenario;
}

/** Each mistake of a text as `line:column message`. */
export function mistakesOf(text: string, settings: readonly string[] = []): readonly string[] {
  const reading = readScenario(text, 'test.yaml', settings);
  if (!('mistakes' in reading)) return [];
  return reading.mistakes.map(({line, column, message, hint}) =>
    [`${line}:${column} ${message}`, ...(hint === undefined ? [] : [hint])].join('. '),
  );
}
