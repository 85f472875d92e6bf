import {scenarioJsonSchema} from '../../scenarios/json-schema.ts';
import type {Command} from './command.ts';

export const schemaCommand: Command = {
  command: 'schema',
  describe: 'Print the JSON Schema of scenario files, for editors',
  optionNames: [],
  builder: yargs =>
    yargs.example('$0 schema > faultline.schema.json', 'then: # yaml-language-server: $schema=faultline.schema.json'),
  handler() {
    process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
  },
};
