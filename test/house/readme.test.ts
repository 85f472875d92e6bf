import {readFileSync} from 'node:fs';
import test from 'ava';

const readme = readFileSync('README.md', 'utf8');

test('the README shows what the first run prints', t => {
  const shown = /<!-- output of: faultline run ovn-three-gateways -->\n\n```text\n([^]*?)```\n/.exec(readme)?.[1];
  t.is(shown, readFileSync('test/golden/runs/ovn-three-gateways-1.txt', 'utf8'));
});

test('the README names no scenario that does not exist', t => {
  const names = [...readme.matchAll(/faultline (?:run|show|capture) ((?:keepalived|neutron|ovn)-[a-z0-9-]+)/g)];
  t.true(names.length >= 5);
  for (const [, name] of names) {
    t.true(readFileSync(`scenarios/library/${name}.yaml`, 'utf8').includes(`name: ${name}\n`));
  }
});
