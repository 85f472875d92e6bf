import test from 'ava';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {smallCloud} from './scenario-files.ts';

/* Files made to take for ever; ava ends a test that does. */

const cloud = smallCloud.replace('172.16.100.0/24', '172.16.0.0/12');
const repeat = (count: number, line: (index: number) => string) =>
  Array.from({length: count}, (_, i) => line(i)).join('');

const hostile: Readonly<Record<string, string>> = {
  'commas in a list': `${cloud}vms: [${','.repeat(300_000)}`,
  'quotes without end': '"'.repeat(400_000),
  'nested colons': 'a: '.repeat(80_000),
  'nested lists': '['.repeat(200_000),
  'nested items': '- '.repeat(150_000),
  'nested maps': `vms: ${'{a: '.repeat(200_000)}${'}'.repeat(200_000)}`,
  'a text that is too long': ' '.repeat(2_000_000),
  'empty lines': '\n'.repeat(300_000),
  'a bomb of aliases': `a: &a [x, x]\n${repeat(30, i => `b${i}: &b${i} [${'*a,'.repeat(20)}]\n`)}`,
  'the same key for ever': 'a: 1\n'.repeat(20_000),
  'keys that nobody knows': repeat(20_000, i => `k${i}: 1\n`),
  'an instant of spaces': `${cloud}faults:\n  a: {break: chassis, of: gw1, at: "1s${' '.repeat(800_000)}x"}`,
  'a time of digits': `duration: ${'1'.repeat(900_000)}s\n`,
  'an expectation of spaces': `${cloud}expect:\n  - "a${' '.repeat(400_000)}b"\n`,
  'templates of templates': `${cloud}vms:\n  ${'v[1..9]'.repeat(100)}: {network: private}\n`,
  'networks written out': cloud.replace('  private:', '  n[1..20000]: {type: flat, cidr: 10.1.$1.0/24}\n  private:'),
  'much written out': `${cloud}vms:\n  vm[1..900000]: {network: [${'$1, '.repeat(40_000)}]}\n`,
  'all VMs, often': `${cloud}vms:\n  vm[1..40000]: {network: private}\ntraffic:\n${repeat(1_000, i => `  a${i}: {from: all vms, to: outside}\n`)}`,
  'all chassis, often': `${cloud.replace('cn[1..2]', 'cn[1..40000]')}faults:\n${repeat(1_000, i => `  f${i}: {break: chassis, of: "cn[1..40000]", at: 1s}\n`)}`,
  'names that do not exist': `${cloud}vms:\n  vm[1..100000]: {network: private}\ntraffic:\n${repeat(5_000, i => `  a${i}: {from: vmx${i}, to: outsid}\n`)}`,
  'networks that overlap': cloud.replace(
    '  private:',
    `${repeat(4_000, i => `  n${i}: {type: vlan, external: true, vlan: ${(i % 4_000) + 1}, cidr: 11.0.0.0/24}\n`)}  private:`,
  ),
  'one interface, often': cloud.replace('[private]', `[${'private, '.repeat(40_000)}]`),
  'floating IPs': `${cloud}vms:\n  vm[1..8000]: {network: private}\nfloating-ips:\n${repeat(10_000, i => `  10.0.${i >> 8}.${i & 255}: {vm: vm${i + 1}}\n`)}`,
  hosts: `${cloud}hosts:\n  h[1..10000]: {network: public}\n`,
};

for (const [name, text] of Object.entries(hostile)) {
  test(`a file with ${name} is refused`, t => {
    const reading = readScenario(text, 'hostile.yaml');
    t.true(
      'mistakes' in reading && reading.mistakes.length > 0 && formatMistakes(reading.mistakes, text).length < 50_000,
    );
  });
}
