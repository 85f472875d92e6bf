import test from 'ava';
import {milliseconds, seconds} from '../../../../engine/time.ts';
import {delivered} from '../../../../models/dataplane/passage.ts';
import {HealthCheck} from '../../../../models/dataplane/linux/health-check.ts';
import type {Namespace} from '../../../../models/dataplane/linux/namespace.ts';
import {
  keepalivedDefaults,
  type KeepalivedConfiguration,
} from '../../../../models/protocols/keepalived-configuration.ts';
import type {Ipv4Packet} from '../../../../models/wire/ipv4-packet.ts';
import {formatIpv4, parseCidr, parseIpv4, type Ipv4} from '../../../../models/wire/ipv4.ts';
import {makeGround, passUntil} from '../../../support/ground.ts';

const ipv4 = (text: string): Ipv4 => parseIpv4(text)!;
const route = (prefix: string, via: string) => ({
  ...{prefix: parseCidr(prefix)!, via: ipv4(via)},
  ...{device: 'qg-1', noTrack: false},
});

/** The script in a namespace that has the addresses or not. */
class Bench {
  readonly pings: Ipv4Packet[] = [];
  readonly ground = makeGround();
  readonly check: HealthCheck;
  hasAddresses = true;

  constructor() {
    const namespace = {
      place: 'net1 qrouter-r1',
      isLocal: () => this.hasAddresses,
      interfaces: new Map([['qg-1', {addresses: [{address: ipv4('203.0.113.11'), length: 24}]}]]),
      send: (packet: Ipv4Packet) => {
        this.pings.push(packet);
        return delivered;
      },
    } as unknown as Namespace;
    const instance = {
      excludedAddresses: [{address: ipv4('10.1.0.1'), length: 24, device: 'qr-1', noTrack: false}],
      virtualRoutes: [route('0.0.0.0/0', '203.0.113.1'), route('10.9.0.0/16', '203.0.113.7')],
    };
    const configuration = {globals: keepalivedDefaults, scripts: [], instances: [instance]};
    this.check = new HealthCheck(this.ground, namespace, () => configuration as unknown as KeepalivedConfiguration);
  }

  /** Who it pings answers the last ping, or one before. */
  answer(index = -1, from = '203.0.113.1'): this {
    const {source, payload, ...rest} = this.pings.at(index)!;
    if (payload.kind !== 'icmp-echo') throw new Error('no ping');
    const reply = {...payload, operation: 'reply'} as const;
    this.check.arrive({...rest, source: ipv4(from), destination: source, payload: reply});
    return this;
  }
}

test('where the addresses are not it succeeds without a ping', t => {
  const bench = new Bench();
  bench.hasAddresses = false;
  bench.check.begin();
  t.deepEqual([bench.pings.length, bench.check.waitsUntil(), bench.check.succeeds()], [0, undefined, true]);
});

test('where they are it pings the gateway, and nobody else, from the external address', t => {
  const bench = new Bench();
  bench.check.begin();
  t.deepEqual(
    bench.pings.map(({source, destination}) => `${formatIpv4(source)} > ${formatIpv4(destination)}`),
    ['203.0.113.11 > 203.0.113.1'],
  );
  t.is(bench.check.waitsUntil(), seconds(1));
});

test('an answer lets it succeed at once', t => {
  const bench = new Bench();
  bench.check.begin();
  passUntil(bench.ground, milliseconds(3));
  bench.answer();
  t.deepEqual([bench.check.waitsUntil(), bench.check.succeeds()], [undefined, true]);
});

test('without one it waits a second and fails', t => {
  const bench = new Bench();
  bench.check.begin();
  passUntil(bench.ground, seconds(1));
  t.deepEqual([bench.check.waitsUntil(), bench.check.succeeds()], [undefined, false]);
});

test('somebody else answers, or it was the ping of an earlier run: that counts for nothing', t => {
  const bench = new Bench();
  bench.check.begin();
  bench.answer(-1, '203.0.113.9');
  t.is(bench.check.waitsUntil(), seconds(1));
  passUntil(bench.ground, seconds(5));
  bench.check.begin();
  bench.answer(0);
  passUntil(bench.ground, seconds(7));
  t.false(bench.check.succeeds());
});
