import test from 'ava';
import {FlowSender} from '../../../../models/control/ovn/flow-sender.ts';
import type {FlowState} from '../../../../models/tables/installed-flows.ts';
import {makeOpenFlowChannel, type FlowUpdate} from '../../../../models/tables/openflow-channel.ts';
import {routerKey, SouthboundContents, type SouthboundTable} from '../../../../models/tables/southbound-contents.ts';
import {smallTopology} from '../../../support/small-topology.ts';

// Two routers: r1 with three gateways, r2 with one.
const topology = smallTopology({
  gateways: [['gw1', 'gw2', 'gw3'], ['gw1']],
  vms: [['cn1'], ['cn2']],
});

/** A sender, a log, and the bundles that were sent. */
class Bench {
  readonly contents = new SouthboundContents(() => 0);
  readonly bundles: FlowUpdate[] = [];
  readonly sender: FlowSender;

  constructor() {
    const channel = makeOpenFlowChannel();
    channel.onFlows = update => this.bundles.push(update);
    this.sender = new FlowSender(channel, this.contents, topology);
  }

  write(table: SouthboundTable, key = 0): this {
    this.contents.write({table, key, value: 1, cause: 0});
    return this;
  }

  put(residents: readonly number[] = [], complete = true, cause = 0): this {
    this.sender.put(this.state(residents), complete, cause);
    return this;
  }

  state(residents: readonly number[] = []): FlowState {
    return {watermark: this.contents.latest, residents: new Set(residents)};
  }
}

/** Has sent its first bundle, which is forgotten. */
function connected(): Bench {
  const b = new Bench().put();
  b.bundles.length = 0;
  return b;
}

test('the first bundle after a connection deletes everything and installs what is known', t => {
  const b = new Bench().put([1], true, 5);
  t.deepEqual(b.bundles, [{clearFirst: true, state: b.state([1]), cause: 5}]);
});

test('the first bundle deletes everything even when the flows are not complete', t => {
  const b = new Bench().put([1], false, 5).put([1], false, 6);
  t.deepEqual(b.bundles, [{clearFirst: true, state: undefined, cause: 5}]);
  b.put([1], true, 7);
  t.deepEqual(b.bundles[1], {clearFirst: false, state: b.state([1]), cause: 7});
});

test('nothing is sent when nothing differs', t => {
  t.deepEqual(connected().put().put().bundles, []);
});

test('who comes to live here and who leaves is sent', t => {
  t.deepEqual(
    connected()
      .put([0])
      .put([0])
      .put([1])
      .put([1, 0])
      .put([0, 1])
      .put([])
      .bundles.map(({state}) => [...state!.residents]),
    [[0], [1], [1, 0], []],
  );
});

for (const table of ['Chassis', 'HA_Chassis', 'MAC_Binding', 'Route'] as const) {
  test(`a change of ${table} is sent once`, t => {
    t.is(connected().write(table).put().put().bundles.length, 1);
  });
}

for (const table of ['BFD', 'Ref_Chassis'] as const) {
  test(`no flow follows from ${table}`, t => {
    t.deepEqual(connected().write(table, routerKey(0, 1)).put().bundles, []);
  });
}

test('who holds a VM’s port is sent, who holds the gateway port of a group is not, of a single gateway it is', t => {
  t.is(connected().write('Port_Binding', 0).put().bundles.length, 1);
  t.is(connected().write('Port_Binding', topology.routers[0].gatewayPort).put().bundles.length, 0);
  t.is(connected().write('Port_Binding', topology.routers[1].gatewayPort).put().bundles.length, 1);
});

test('what made no difference at first is not forgotten when something else does', t => {
  const b = connected().write('BFD').put().write('MAC_Binding').put([0]);
  t.deepEqual(b.bundles, [{clearFirst: false, state: b.state([0]), cause: 0}]);
});

test('a new connection begins with a bundle that deletes everything', t => {
  const b = connected().put([0]);
  b.sender.reconnected();
  b.put([0]);
  t.deepEqual(
    b.bundles.map(({clearFirst}) => clearFirst),
    [false, true],
  );
});

test('flows that have long been there are not sent again', t => {
  const b = new Bench();
  b.sender.beginSettled(b.state([1]));
  t.deepEqual(b.put([1]).bundles, []);
  t.is(b.put([0]).bundles[0].clearFirst, false);
});
