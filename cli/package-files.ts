import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The folder of the package, wherever it is installed. */
export const packageFolder = findPackageFolder(dirname(fileURLToPath(import.meta.url)));

/** The folder of the scenarios that come with it. */
export const libraryFolder = join(packageFolder, 'scenarios', 'library');

export const version = readVersion();

function readVersion(): string {
  const {version: text} = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {version: string};
  return text;
}

function findPackageFolder(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('the package has no package.json');
  return findPackageFolder(parent);
}
