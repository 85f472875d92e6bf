import test from 'ava';
import fc from 'fast-check';
import {Chance} from '../../../../engine/chance.ts';
import {milliseconds, never, seconds, type Time} from '../../../../engine/time.ts';
import {NextHopResolver} from '../../../../models/control/ovn/next-hop-resolver.ts';
import {routerKey} from '../../../../models/tables/southbound-contents.ts';
import type {Mac} from '../../../../models/wire/mac.ts';
import {ip, smallTopology} from '../../../support/small-topology.ts';

const [router] = smallTopology().routers;
const upstream = ip('10.0.2.1');
const other = ip('10.0.2.9');
const [firstMac, secondMac] = [0x0a_00_00_00_00_01, 0x0a_00_00_00_00_02];

/** A resolver, and what became of each packet that it was given. */
class Bench {
  readonly resolver: NextHopResolver;
  readonly fates: string[] = [];
  readonly #known = new Map<number, Mac>();

  constructor(stream = 'gw1/mac bindings') {
    this.resolver = new NextHopResolver(new Chance(1).stream(stream));
  }

  hold(name: string, at: Time, nextHop = upstream): this {
    this.resolver.hold(
      {
        kind: 'unresolved',
        router,
        nextHop,
        release: mac => this.fates.push(`${name} to ${mac % 256}`),
        discard: why => this.fates.push(`${name}: ${why}`),
      },
      at,
    );
    return this;
  }

  learn(mac: Mac, broadcast: boolean, at: Time, cause = 1, address = upstream): this {
    this.resolver.learn({kind: 'learn', router, address, mac, broadcast}, cause, at);
    return this;
  }

  know(mac: Mac, address = upstream): this {
    this.#known.set(address, mac);
    return this;
  }

  writes(at: Time) {
    return this.resolver.writes(at, (_, address) => this.#known.get(address));
  }
}

const write = (mac: Mac, cause = 1, address = upstream) => ({
  table: 'MAC_Binding' as const,
  key: routerKey(0, address),
  value: mac,
  cause,
});

test('packets for a next hop wait and go on in order when it is found', t => {
  const b = new Bench().hold('a', 0).hold('b', 10).hold('c', 20);
  t.deepEqual(b.fates, []);
  b.resolver.resolved(routerKey(0, upstream), firstMac);
  t.deepEqual(b.fates, ['a to 1', 'b to 1', 'c to 1']);
  b.resolver.resolved(routerKey(0, upstream), secondMac);
  t.is(b.fates.length, 3);
});

test('three packets wait, the newest', t => {
  const b = new Bench();
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) b.hold(name, index);
  t.deepEqual(b.fates, ['a: buffer full', 'b: buffer full']);
  b.resolver.resolved(routerKey(0, upstream), firstMac);
  t.deepEqual(b.fates.slice(2), ['c to 1', 'd to 1', 'e to 1']);
});

test('next hops have queues of their own', t => {
  const b = new Bench().hold('a', 0).hold('b', 0, other).hold('c', 0).hold('d', 0).hold('e', 0, other);
  t.deepEqual(b.fates, []);
  b.resolver.resolved(routerKey(0, other), firstMac);
  t.deepEqual(b.fates, ['b to 1', 'e to 1']);
});

test('packets for a thousand next hops wait, and those for more are lost', t => {
  const b = new Bench();
  for (let host = 0; host < 1000; host++) b.hold(`p${host}`, 0, upstream + host);
  b.hold('one more', 1, upstream + 1000).hold('known', 2, upstream);
  t.deepEqual(b.fates, ['one more: buffer full']);
  b.resolver.resolved(routerKey(0, upstream), firstMac);
  b.hold('late', 3, upstream + 1000);
  t.deepEqual(b.fates.slice(1), ['p0 to 1', 'known to 1']);
});

test('a thousand addresses wait to be written, and more are not taken in', t => {
  const b = new Bench();
  for (let host = 0; host < 1001; host++) b.learn(firstMac, false, 0, 1, upstream + host);
  b.learn(secondMac, false, 0, 2, upstream);
  const writes = b.writes(0);
  t.is(writes.length, 1000);
  t.deepEqual(writes[0], write(secondMac, 2));
});

test('what has waited for more than 10 s since the last packet came is given up when somebody looks', t => {
  const b = new Bench().hold('a', 0).hold('b', seconds(4)).hold('c', seconds(9), other);
  b.resolver.expire(seconds(14));
  t.deepEqual(b.fates, []);
  b.resolver.expire(seconds(14) + milliseconds(1));
  t.deepEqual(b.fates, ['a: next hop unresolved', 'b: next hop unresolved']);
  b.resolver.expire(seconds(60));
  t.deepEqual(b.fates.slice(2), ['c: next hop unresolved']);
});

test('nobody is woken to give packets up', t => {
  t.is(new Bench().hold('a', 0).resolver.wakeAt, never);
});

test('what has not been looked at is sent even after more than 10 s', t => {
  const b = new Bench().hold('a', 0);
  b.resolver.resolved(routerKey(0, upstream), firstMac);
  b.resolver.expire(seconds(20));
  t.deepEqual(b.fates, ['a to 1']);
});

test('what was said to the router alone is written at once', t => {
  const b = new Bench().learn(firstMac, false, seconds(3));
  t.is(b.resolver.wakeAt, seconds(3));
  t.deepEqual(b.writes(seconds(3)), [write(firstMac)]);
  t.deepEqual(b.writes(seconds(9)), []);
  t.is(b.resolver.wakeAt, never);
});

test('what everybody heard is written after 1 to 50 whole milliseconds, which differ from chassis to chassis', t => {
  const delays = Array.from({length: 400}, (_, chassis) => {
    const b = new Bench(`gw${chassis}/mac bindings`).learn(firstMac, true, 0);
    const {wakeAt} = b.resolver;
    t.deepEqual(b.writes(wakeAt - 1), []);
    t.deepEqual(b.writes(wakeAt), [write(firstMac)]);
    return wakeAt / milliseconds(1);
  });
  t.true(delays.every(delay => Number.isInteger(delay) && delay >= 1 && delay <= 50));
  t.is(Math.min(...delays), 1);
  t.is(Math.max(...delays), 50);
  t.true(new Set(delays).size > 45);
});

test('an address that is heard of again before it is written keeps its moment and takes the newer MAC', t => {
  const b = new Bench().learn(firstMac, true, 0);
  const {wakeAt} = b.resolver;
  b.learn(secondMac, true, milliseconds(0.5), 2).learn(secondMac, false, milliseconds(0.7), 3);
  t.is(b.resolver.wakeAt, wakeAt);
  t.deepEqual(b.writes(wakeAt), [write(secondMac, 3)]);
});

test('what the database says already is not written', t => {
  const b = new Bench().know(firstMac).learn(firstMac, false, 0);
  t.deepEqual(b.writes(0), []);
  t.deepEqual(b.learn(secondMac, false, 1).writes(1), [write(secondMac)]);
});

test('hearing of an address does not release what waits for it: the database does', t => {
  const b = new Bench().hold('a', 0).learn(firstMac, false, 0);
  b.writes(0);
  t.deepEqual(b.fates, []);
});

test('with the process goes what waited and what was learnt', t => {
  const b = new Bench().hold('a', 0).hold('b', 0, other).learn(firstMac, false, 0);
  b.resolver.clear();
  t.deepEqual(b.fates, ['a: ovn-controller not running', 'b: ovn-controller not running']);
  t.deepEqual(b.writes(seconds(1)), []);
});

test('whatever happens, every packet has one fate', t => {
  const step = fc.oneof(
    fc.record({kind: fc.constant('hold' as const), to: fc.constantFrom(upstream, other), pass: fc.nat(4_000_000)}),
    fc.record({kind: fc.constant('resolve' as const), to: fc.constantFrom(upstream, other), pass: fc.nat(4_000_000)}),
    fc.record({kind: fc.constant('expire' as const), to: fc.constant(upstream), pass: fc.nat(4_000_000)}),
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 40}), script => {
      const b = new Bench();
      let [now, held] = [0, 0];
      for (const {kind, to, pass} of script) {
        now += pass;
        if (kind === 'hold') b.hold(`p${held++}`, now, to);
        else if (kind === 'resolve') b.resolver.resolved(routerKey(0, to), firstMac);
        else b.resolver.expire(now);
        t.true(held - b.fates.length <= 6);
      }
      b.resolver.clear();
      const names = b.fates.map(fate => fate.split(/[ :]/)[0]);
      t.is(names.length, held);
      t.is(new Set(names).size, held);
    }),
  );
});
