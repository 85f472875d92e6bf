import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import test from 'ava';
import {sourceFiles} from './source-files.ts';

const documents = [
  ...['README.md', 'CHANGELOG.md', 'package.json'],
  ...readdirSync('docs', {recursive: true, encoding: 'utf8'})
    .filter(path => path.endsWith('.md'))
    .map(path => `docs/${path}`),
];

test('what is left to do is not left in the text', t => {
  const left = [...sourceFiles(), ...documents].filter(
    file => file !== 'test/house/words.test.ts' && /\b(TODO|FIXME|XXX|HACK)\b/.test(readFileSync(file, 'utf8')),
  );
  t.deepEqual(left, []);
});

test('no path of one machine stands anywhere', t => {
  const wrong = [...sourceFiles(), ...documents].filter(
    file => file !== 'test/house/words.test.ts' && /["'`( ]\/(work|home|root|Users)\//.test(readFileSync(file, 'utf8')),
  );
  t.deepEqual(wrong, []);
});

test('links between documents lead somewhere', t => {
  const broken = documents
    .filter(file => file.endsWith('.md'))
    .flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)(#[^)]*)?\)/g)]
        .map(([, target]) => normalize(join(dirname(file), target)))
        .filter(target => !existsSync(target))
        .map(target => `${file} → ${target}`),
    );
  t.deepEqual(broken, []);
});

test('files that documents name in code stand where they say', t => {
  const missing = documents
    .filter(file => file.endsWith('.md'))
    .flatMap(file =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /`((?:engine|models|scenarios|reports|cli|test|bench|docs)\/[\w./-]+\.\w+)`/g,
        ),
      ]
        .map(([, path]) => path)
        .filter(path => !existsSync(path))
        .map(path => `${file}: ${path}`),
    );
  t.deepEqual(missing, []);
});
