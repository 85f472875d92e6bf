import {readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import test from 'ava';
import {sourceFiles} from './source-files.ts';

/** Who may import whom, as docs/architecture.md has it. Types count too. Every layer may import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'engine/time': [],
  engine: ['engine/time'],
  'models/wire': ['engine/time'],
  'models/protocols': ['engine/time', 'models/wire'],
  'models/events': ['engine', 'engine/time', 'models/wire'],
  'models/tables': ['engine', 'engine/time', 'models/wire', 'models/protocols'],
  'models/ground': ['engine', 'engine/time', 'models/events', 'models/tables'],
  'models/daemons': ['engine', 'engine/time', 'models/ground', 'models/protocols'],
  'models/dataplane': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire'],
    ...['models/protocols', 'models/tables', 'models/daemons'],
  ],
  'models/traffic': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire'],
    ...['models/protocols', 'models/tables', 'models/dataplane'],
  ],
  'models/control/ovn': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire'],
    ...['models/protocols', 'models/tables', 'models/daemons'],
  ],
  'models/control/neutron': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire'],
    ...['models/protocols', 'models/tables', 'models/daemons'],
  ],
  'models/faults': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire'],
    ...['models/tables', 'models/daemons', 'models/dataplane'],
  ],
  'models/world': [
    ...['engine', 'engine/time', 'models/ground', 'models/events', 'models/wire', 'models/protocols', 'models/tables'],
    ...['models/daemons', 'models/dataplane', 'models/traffic', 'models/control/ovn', 'models/control/neutron'],
    'models/faults',
  ],
  'models/inspect': [
    ...['engine', 'engine/time', 'models/wire', 'models/protocols', 'models/tables', 'models/dataplane'],
    'models/world',
  ],
  scenarios: [
    ...['engine', 'engine/time', 'models/world', 'models/inspect', 'models/faults', 'models/events', 'models/wire'],
    ...['models/dataplane', 'models/daemons'],
  ],
  reports: ['engine', 'engine/time', 'models/events', 'models/faults', 'models/wire'],
  cli: ['engine/time', 'models/events', 'scenarios', 'reports'],
  index: ['scenarios', 'reports', 'models/events', 'models/world'],
};

const tested = sourceFiles().filter(file => !/^(test|bench)\//.test(file));

test('every source file belongs to a layer', t => {
  t.deepEqual(
    tested.filter(file => !Object.hasOwn(mayImport, layerOf(file))),
    [],
  );
});

test('no layer imports what it may not', t => {
  const wrong = tested.flatMap(file =>
    importsOf(file)
      .filter(target => !isAllowed(layerOf(file), layerOf(target)))
      .map(target => `${file} imports ${target}`),
  );
  t.deepEqual(wrong, []);
});

// One circle is in the matter itself: a frame holds a packet, which may hold a tunnel, which holds a frame.
const tunnels = /^models\/wire\/[^→]+(→ models\/wire\/[^→]+)*$/;

test('no two files import each other, at any distance', t => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of importsOf(file, true)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of tested) visit(file, []);
  t.deepEqual(
    circles.filter(circle => !tunnels.test(circle)),
    [],
  );
});

test('libraries are imported only where they belong', t => {
  const homes: Readonly<Record<string, RegExp>> = {
    'heap-js': /^engine\//,
    seedrandom: /^engine\/chance\.ts$/,
    yaml: /^scenarios\//,
    zod: /^(scenarios|cli|reports\/gate)\//,
    xmlbuilder2: /^reports\/gate\//,
    'csv-stringify/sync': /^reports\//,
    'csv-parse/sync': /^cli\//,
    'csv-parse': /^cli\//,
    piscina: /^cli\//,
    bullmq: /^cli\//,
    ioredis: /^cli\//,
    'cli-table3': /^(reports|cli)\//,
    picocolors: /^cli\//,
    yargs: /^cli\//,
    'yargs/helpers': /^cli\//,
  };
  const wrong = tested.flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/from '([^.'][^']*)'/g)]
      .map(([, library]) => library)
      .filter(library =>
        library.startsWith('node:') ? !/^(cli\/|engine\/fingerprint\.ts$)/.test(file) : !homes[library]?.test(file),
      )
      .map(library => `${file} imports ${library}`),
  );
  t.deepEqual(wrong, []);
});

function isAllowed(from: string, to: string): boolean {
  return from === to || mayImport[from].includes(to);
}

function layerOf(file: string): string {
  if (file === 'engine/time.ts') return 'engine/time';
  const [top, second, third] = file.replace(/\.ts$/, '').split('/');
  if (top !== 'models') return top;
  return second === 'control' ? `models/control/${third}` : `models/${second}`;
}

function importsOf(file: string, valuesOnly = false): readonly string[] {
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (type )?[^;]*?from '(\.[^']+)'/gm);
  return [...imports]
    .filter(([, type]) => !valuesOnly || !type)
    .map(([, , path]) => normalize(join(dirname(file), path)));
}
