import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';

/*
 * Loaded before the program (`node --import`): kills it, as a machine that loses its power would, as soon as a sweep has kept
 * its fifth run. No timer could hit that on every machine.
 */

const {renameSync} = fs;
let kept = 0;

fs.renameSync = (from, to) => {
  renameSync(from, to);
  if (!/unfinished\/\d+\.json$/.test(String(to))) return;
  kept += 1;
  if (kept === 5) process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
