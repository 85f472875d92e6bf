import type {CommandModule} from 'yargs';
import {scenarioJsonSchema} from '../../scenarios/json-schema.ts';

export const schemaCommand: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of scenario files, for editors',
  builder: yargs =>
    yargs.example('$0 schema > faultline.schema.json', 'then: # yaml-language-server: $schema=faultline.schema.json'),
  handler() {
    process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
  },
};
