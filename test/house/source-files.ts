import {readdirSync} from 'node:fs';

const folders = ['bench', 'cli', 'engine', 'models', 'reports', 'scenarios', 'test'];

/** All our TypeScript files, by path from the top. */
export function sourceFiles(): readonly string[] {
  const inside = folders.flatMap(folder =>
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter(path => path.endsWith('.ts'))
      .map(path => `${folder}/${path}`),
  );
  return ['index.ts', ...inside].sort();
}
