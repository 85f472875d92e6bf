import {z} from 'zod';
import {scenarioGrammar, sectionsOfNames} from './grammar.ts';
import {lanGrammar, lanSections} from './grammar-lans.ts';

/** JSON Schema (draft 2020-12) of a scenario file, from which editors complete and explain keys. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const cloud = schemaOf(scenarioGrammar, sectionsOfNames);
  const lans = schemaOf(lanGrammar, lanSections);
  return {
    $schema: cloud.$schema,
    title: 'Faultline scenario',
    anyOf: [
      {title: 'a cloud', ...bare(cloud)},
      {title: 'machines on LANs', ...bare(lans)},
    ],
  };
}

type Schema = z.core.JSONSchema.JSONSchema;

/** As the grammar has it, but that sections may hold names with ranges, and `$1` in what stands under them. */
function schemaOf(grammar: z.ZodType, sections: readonly string[]): Schema {
  const schema: Schema = z.toJSONSchema(grammar, {io: 'input', target: 'draft-2020-12'});
  const properties = {...schema.properties};
  for (const name of sections) properties[name] = counted(properties[name] as Schema);
  return {...schema, properties};
}

const range = {type: 'string' as const, pattern: '\\[[0-9]+\\.\\.[0-9]+\\]'};
const mark = {type: 'string' as const, pattern: '\\$[1-9]'};

function counted({propertyNames, additionalProperties, ...section}: Schema): Schema {
  const entry = withMarks(additionalProperties as Schema) as Schema;
  return {...section, propertyNames: {anyOf: [propertyNames as Schema, range]}, additionalProperties: entry};
}

/** The same, but that what must be a number or fit a pattern may be text with a mark. */
function withMarks(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withMarks);
  if (node === null || typeof node !== 'object') return node;
  const {type, pattern, description, default: standard} = node as Schema;
  if (type === 'integer' || type === 'number' || (type === 'string' && pattern !== undefined)) {
    const told = {...(description !== undefined && {description}), ...(standard !== undefined && {default: standard})};
    const {description: _, default: __, ...exact} = node as Schema;
    return {...told, anyOf: [exact, mark]};
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withMarks(value)]));
}

function bare({$schema: _draft, ...schema}: Schema): object {
  return schema;
}
