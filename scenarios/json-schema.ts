import {z} from 'zod';
import {scenarioGrammar} from './grammar.ts';

/** JSON Schema (draft 2020-12) of a scenario file, from which editors complete and explain keys. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const {$schema, ...schema} = z.toJSONSchema(scenarioGrammar, {io: 'input', target: 'draft-2020-12'});
  return {$schema, title: 'Faultline scenario', ...schema};
}
