import {z} from 'zod';
import {scenarioGrammar} from './grammar.ts';
import {lanGrammar} from './grammar-lans.ts';

/** JSON Schema (draft 2020-12) of a scenario file, from which editors complete and explain keys. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const [cloud, lans] = [scenarioGrammar, lanGrammar].map(schemaOf);
  return {
    $schema: cloud.$schema,
    title: 'Faultline scenario',
    anyOf: [
      {title: 'a cloud', ...bare(cloud)},
      {title: 'machines on LANs', ...bare(lans)},
    ],
  };
}

function schemaOf(grammar: z.ZodType) {
  return z.toJSONSchema(grammar, {io: 'input', target: 'draft-2020-12'});
}

function bare({$schema: _draft, ...schema}: ReturnType<typeof schemaOf>): object {
  return schema;
}
