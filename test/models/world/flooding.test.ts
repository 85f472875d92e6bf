import {readFileSync} from 'node:fs';
import test from 'ava';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {runPlan} from '../../../scenarios/run.ts';
import {readLibrary} from '../../support/library.ts';
import {copiesFlooded, sizes, waysOfFlooding} from '../../support/flooding.ts';

const page = readFileSync('docs/models/linux-network.md', 'utf8');

test('the table of the page is what runs come to', t => {
  for (const {hosts, used} of sizes) {
    const cells = Object.values(waysOfFlooding).map(options => {
      const {tunnels, wire} = copiesFlooded(hosts, used, options);
      return `${tunnels} + ${wire}`;
    });
    const row = [hosts, used, ...cells].map(String);
    const shown = page.split('\n').find(line => line.replaceAll(' ', '').startsWith(`|${hosts}|${used}|`));
    t.deepEqual(
      shown
        ?.split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
      row,
    );
  }
});

for (const hosts of [2, 16, 128]) {
  test(`the library at ${hosts} hosts: copies follow the hosts of the network under L2 population only`, t => {
    const copies = (way: string): readonly (number | undefined)[] => {
      const {counters} = runPlan(makePlan(readLibrary(`neutron-flood-${way}-${hosts}-hosts`), 1));
      const of = (owner: string) => counters.find(row => row.owner === owner && row.name === 'flood copies')?.value;
      return [of('cn1 vxlan-1'), of('cn1 vxlan-2')];
    };
    t.deepEqual(copies('multicast'), [1, 1]);
    t.deepEqual(copies('l2-population'), [hosts - 1, 1]);
  });
}

test('what tunnels copy grows with the hosts of the network under L2 population, and not at all with one group', t => {
  const {multicast, 'L2 population': populated} = waysOfFlooding;
  t.is(copiesFlooded(16, 2, populated).tunnels, 1);
  t.is(copiesFlooded(16, 16, populated).tunnels, 15);
  t.is(copiesFlooded(16, 16, multicast).tunnels, copiesFlooded(16, 2, multicast).tunnels);
  t.true(copiesFlooded(128, 2, multicast).wire > 100);
});

test('copies are counted by cause too, and together they are all copies', t => {
  for (const name of ['neutron-flood-multicast-16-hosts', 'neutron-silent-move', 'neutron-dhcp-two-agents']) {
    const {counters} = runPlan(makePlan(readLibrary(name), 1));
    for (const owner of new Set(counters.map(row => row.owner))) {
      const own = counters.filter(row => row.owner === owner && row.name.startsWith('flood copies'));
      const all = own.find(row => row.name === 'flood copies')?.value ?? 0;
      const alike = own.filter(row => row.name !== 'flood copies').map(({value}) => value);
      t.is(
        alike.reduce((sum, value) => sum + value, 0),
        all,
        `${name}: ${owner}`,
      );
    }
  }
  const {counters} = runPlan(makePlan(readLibrary('neutron-silent-move'), 1));
  const causes = new Set(counters.filter(({name}) => name.startsWith('flood copies of')).map(({name}) => name));
  t.true(causes.has('flood copies of arp') && causes.has('flood copies of unknown unicasts'));
});
