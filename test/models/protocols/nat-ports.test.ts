import test from 'ava';
import type {SourceRange} from '../../../models/protocols/nat-ports.ts';
import type {Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import {seconds} from '../../../engine/time.ts';
import {NatBench, ip, ping, udp} from '../../support/nat-bench.ts';

const external = ip('203.0.113.10');
const plain: SourceRange = {address: external};

const from = (client: string, port: number): Tuple => udp(client, port, '203.0.113.200', 53);

// What was measured is in test/fidelity/kernel.

test('two clients that ping under one identifier get two', t => {
  const bench = new NatBench();
  t.is(bench.portOf(ping('10.0.0.5', 7, '203.0.113.200'), plain), 7);
  t.not(bench.portOf(ping('10.0.0.6', 7, '203.0.113.200'), plain), 7);
});

test('a port is free again when its connection has expired, collected or not', t => {
  const bench = new NatBench();
  const one: SourceRange = {address: external, ports: {least: 20_000, most: 20_000}};
  t.is(bench.portOf(from('10.0.0.5', 1), one), 20_000);
  t.is(bench.after(seconds(29)).portOf(from('10.0.0.6', 1), one), undefined);
  bench.now += seconds(1);
  t.is(bench.portOf(from('10.0.0.6', 1), one), 20_000);
});
