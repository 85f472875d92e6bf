import test from 'ava';
import fc from 'fast-check';
import {seconds} from '../../../engine/time.ts';
import {DatapathFlows, type FlowUser, type Side} from '../../../models/tables/datapath-flows.ts';
import type {Frame} from '../../../models/wire/frame.ts';

type Change = {
  readonly source?: number;
  readonly vlan?: number | undefined;
  readonly from?: number;
  readonly sourcePort?: number;
};

function udp({source = 0xfa16_3e00_0001, vlan, from = 0x0a00_0001, sourcePort = 20_000}: Change = {}): Frame {
  const payload = {kind: 'payload', size: 64, bytes: undefined} as const;
  return {
    source,
    destination: 0xfa16_3e00_0002,
    vlan,
    payload: {
      kind: 'ipv4',
      source: from,
      destination: 0x0a00_0002,
      ttl: 64,
      tos: 0,
      identification: 0,
      dontFragment: true,
      payload: {kind: 'udp', sourcePort, destinationPort: 9000, checksummed: true, payload},
    },
  };
}

test('a flow is what a frame carries, its tag and its side, whichever frame it is', t => {
  const flows = new DatapathFlows();
  const flow = flows.of(udp(), 'inside', -1);
  const others: readonly (readonly [Frame, Side])[] = [
    [udp(), 'outside'],
    [udp({source: 0xfa17_3e00_0001}), 'inside'],
    [udp({vlan: 0}), 'inside'],
    [udp({vlan: 7}), 'inside'],
    [udp({from: 0xffff_ffff}), 'inside'],
    [udp({sourcePort: 65_535}), 'inside'],
  ];
  t.is(new Set([flow, ...others.map(([frame, side]) => flows.of(frame, side, -1))]).size, others.length + 1);
  t.is(flows.of(udp(), 'inside', -1), flow);
});

test('many flows are told apart', t => {
  const flows = new DatapathFlows();
  flows.addBridge({uses: () => true, forget: () => undefined});
  const numbers = (): readonly number[] =>
    Array.from({length: 5000}, (_, i) => flows.of(udp({from: i, sourcePort: i % 7}), 'inside', -1));
  const first = numbers();
  t.is(new Set(first).size, 5000);
  t.deepEqual(numbers(), first);
});

test('flows that no bridge uses any more make room for others', t => {
  const flows = new DatapathFlows();
  const kept = new Set<number>();
  const bridge = flows.addBridge({uses: flow => kept.has(flow), forget: flow => t.false(kept.has(flow))});
  const lasting = flows.of(udp({from: 1}), 'inside', -1);
  kept.add(lasting);
  const seen = flows.of(udp({from: 2}), 'inside', -1);
  for (let now = 0; now < seconds(1_000); now += seconds(0.01)) {
    const since = now - seconds(10);
    flows.see(seen, bridge, now, since);
    flows.see(flows.of(udp({from: 10 + now, sourcePort: 7}), 'inside', since), bridge, now, since);
  }
  t.true(flows.count < 4_100, `${flows.count} flows, of which 1,000 were seen in the last 10 s`);
  t.is(flows.of(udp({from: 1}), 'inside', seconds(990)), lasting);
  t.is(flows.of(udp({from: 2}), 'inside', seconds(990)), seen);
  t.true(flows.seenSince(seen, bridge, seconds(999)));
});

/** A bridge that counts nothing itself. */
function counter(): FlowUser {
  return {uses: () => false, forget: () => undefined};
}

/** What a map from flow and bridge to a moment would say. */
const steps = fc.array(
  fc.record({
    flow: fc.integer({min: 0, max: 2}),
    bridge: fc.constantFrom(0, 1, 31, 32, 33, 70),
    later: fc.constantFrom(0, 0, 0, 1, seconds(3), seconds(10)),
    act: fc.constantFrom('see' as const, 'see' as const, 'see' as const, 'forget' as const),
  }),
  {maxLength: 60},
);

test('it says what a map of moments would say', t => {
  fc.assert(
    fc.property(steps, list => {
      const flows = new DatapathFlows();
      for (let bridge = 0; bridge <= 70; bridge++) flows.addBridge(counter());
      const numbers = [0, 1, 2].map(sourcePort => flows.of(udp({sourcePort}), 'inside', -1));
      const moments = new Map<string, number>();
      let now = 0;
      for (const {flow, bridge, later, act} of list) {
        now += later;
        const since = now - seconds(10);
        t.is(flows.seenSince(numbers[flow], bridge, since), (moments.get(`${flow} ${bridge}`) ?? -Infinity) > since);
        if (act === 'see') {
          flows.see(numbers[flow], bridge, now, since);
          moments.set(`${flow} ${bridge}`, now);
        } else {
          flows.forgetBridge(bridge);
          for (const other of [0, 1, 2]) moments.delete(`${other} ${bridge}`);
        }
      }
    }),
  );
});
