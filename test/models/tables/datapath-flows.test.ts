import test from 'ava';
import fc from 'fast-check';
import {seconds} from '../../../engine/time.ts';
import {DatapathFlows, type Side} from '../../../models/tables/datapath-flows.ts';
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
  const flow = flows.of(udp(), 'inside');
  const others: readonly (readonly [Frame, Side])[] = [
    [udp(), 'outside'],
    [udp({source: 0xfa17_3e00_0001}), 'inside'],
    [udp({vlan: 0}), 'inside'],
    [udp({vlan: 7}), 'inside'],
    [udp({from: 0xffff_ffff}), 'inside'],
    [udp({sourcePort: 65_535}), 'inside'],
  ];
  t.is(new Set([flow, ...others.map(([frame, side]) => flows.of(frame, side))]).size, others.length + 1);
  t.is(flows.of(udp(), 'inside'), flow);
});

test('many flows are told apart', t => {
  const flows = new DatapathFlows();
  const numbers = (): readonly number[] =>
    Array.from({length: 5000}, (_, i) => flows.of(udp({from: i, sourcePort: i % 7}), 'inside'));
  const first = numbers();
  t.is(new Set(first).size, 5000);
  t.deepEqual(numbers(), first);
});

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
      for (let bridge = 0; bridge <= 70; bridge++) flows.addBridge();
      const numbers = [0, 1, 2].map(sourcePort => flows.of(udp({sourcePort}), 'inside'));
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
