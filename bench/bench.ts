import Table from 'cli-table3';
import {agenda} from './agenda.ts';
import type {Findings} from './findings.ts';
import {gate} from './gate.ts';
import {ha} from './ha.ts';
import {heartbeats} from './heartbeats.ts';
import {manyFlows} from './many-flows.ts';
import {neutron} from './neutron.ts';
import {sweeps} from './sweeps.ts';

/** All benches by name. To add one, write a function that returns its findings and name it here. */
const benches: Readonly<Record<string, () => Findings | Promise<Findings>>> = {
  agenda,
  gate,
  ha,
  heartbeats,
  'many-flows': manyFlows,
  neutron,
  sweeps,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const unknown = wanted.filter(name => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted) print(await benches[name]());
}

function print({title, head, rows}: Findings): void {
  const columns = [...head.keys()];
  const table = new Table({
    head: [...head],
    colAligns: columns.map(column => (rows.every(row => /^[\d. ×]+$/.test(row[column])) ? 'right' : 'left')),
    style: {head: [], border: [], compact: true},
  });
  for (const row of rows) table.push([...row]);
  console.log(`${title}\n${table.toString()}\n`);
}
