import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, toMilliseconds} from '../../../../engine/time.ts';
import {GatewayClaims} from '../../../../models/control/ovn/gateway-claims.ts';
import type {Plan, Snapshot} from '../../../../models/control/ovn/iteration.ts';
import {GatewayGroups} from '../../../../models/tables/gateway-groups.ts';
import {none, routerKey} from '../../../../models/tables/southbound-contents.ts';
import {makeContents} from '../../../../models/world/ovn/initial-contents.ts';
import {announcementLine, makeGround} from '../../../support/ground.ts';
import {smallTopology} from '../../../support/small-topology.ts';

const topology = smallTopology();
const [router] = topology.routers;
const port = router.gatewayPort;
const [gw1, gw2, gw3, cn1, cn2] = topology.chassis.keys();

type Looking = {readonly tunnels?: readonly number[]; readonly writable?: boolean; readonly full?: boolean};

/** gw2's claims on the port of gw1, gw2 and gw3, which gw1 holds, and what the database says. */
class Bench {
  readonly ground = makeGround();
  readonly contents = makeContents(topology, () => undefined);
  readonly claims: GatewayClaims;
  #processed = 0;

  constructor() {
    const groups = new GatewayGroups(topology, this.contents);
    const among = {chassis: gw2, name: 'gw2', topology, contents: this.contents, groups};
    this.claims = new GatewayClaims(this.ground, among);
  }

  at(time: number): this {
    this.ground.engine.advance(milliseconds(time));
    return this;
  }

  held(by: number): this {
    this.contents.write({table: 'Port_Binding', key: port, value: by, cause: 0});
    return this;
  }

  /** Looks at the ports and has what it wants written: what it wrote, `nothing`, or `cannot` if it may not write. */
  look({tunnels, writable = true, full = true}: Looking = {}, cause = 0): string {
    const watermark = this.contents.latest;
    const plan: Plan = {full, cause, writes: [], holders: new Map()};
    if (tunnels) this.claims.useTunnels(new Set(tunnels));
    const done = this.claims.consider({watermark, writable} as Snapshot, this.#processed, plan);
    if (!done) return 'cannot';
    this.#processed = watermark;
    for (const write of plan.writes) this.contents.write(write);
    const [write] = plan.writes;
    if (!write) return 'nothing';
    if (plan.holders.get(port) !== write.value) throw new Error('the plan contradicts itself');
    return write.value === none ? 'release' : 'claim';
  }

  get lines(): readonly string[] {
    return this.ground.journal.entries.map(announcementLine);
  }
}

const all = [gw1, gw3, cn1, cn2];
const withoutGw1 = [gw3, cn1, cn2];

test('who is not active and does not hold the port does nothing', t => {
  const b = new Bench();
  t.is(b.look({tunnels: all}), 'nothing');
  t.deepEqual([...b.claims.active], []);
  t.deepEqual(b.lines, []);
});

test('who becomes active claims the port of the other at once', t => {
  const b = new Bench().at(100);
  t.is(b.look({tunnels: withoutGw1}, 0), 'claim');
  t.deepEqual([...b.claims.active], [0]);
  t.deepEqual(b.lines, ['0.100 port claimed: gw2 cr-r1 gw1', '0.100 gateway decided: gw2 r1 true']);
});

test('who holds the port and is active has nothing to write', t => {
  const b = new Bench().held(gw2);
  t.is(b.look({tunnels: withoutGw1}), 'nothing');
  t.deepEqual([...b.claims.active], [0]);
});

test('who holds the port and is no longer active releases it', t => {
  const b = new Bench().held(gw2);
  b.look({tunnels: withoutGw1});
  t.is(b.at(100).look({tunnels: all}), 'release');
  t.is(b.contents.read('Port_Binding', port, b.contents.latest), none);
  t.deepEqual(b.lines.slice(1), ['0.100 port released: gw2 cr-r1', '0.100 gateway decided: gw2 r1 false']);
});

test('who releases has been active or not: what it holds without reason goes', t => {
  t.is(new Bench().held(gw2).look({tunnels: all}), 'release');
});

test('without any tunnel nobody is active, and what was held is released', t => {
  const b = new Bench().held(gw2);
  b.look({tunnels: withoutGw1});
  t.is(b.look({tunnels: []}), 'release');
});

test('what another took back is claimed again half a second after the last claim, and not before', t => {
  const b = new Bench();
  t.is(b.look({tunnels: withoutGw1}), 'claim');
  for (const time of [1, 200, 499]) t.is(b.at(time).held(gw1).look({full: false}), 'nothing');
  t.is(b.claims.wakeAt, milliseconds(500));
  t.is(b.at(500).look({full: false}), 'claim');
  t.is(b.claims.wakeAt, never);
  t.is(b.at(501).held(gw1).look({full: false}), 'nothing');
  t.is(b.claims.wakeAt, milliseconds(1000));
});

test('a claim that was put off is made by a later run although nothing has changed since', t => {
  const b = new Bench();
  b.look({tunnels: withoutGw1});
  b.at(100).held(gw1).look({full: false});
  t.is(b.at(600).look({full: false}), 'claim');
});

test('a port that nobody holds is claimed at once, however short the last claim is ago', t => {
  const b = new Bench();
  b.look({tunnels: withoutGw1});
  t.is(b.at(10).held(none).look({full: false}), 'claim');
  t.is(b.at(20).held(none).look({full: false}), 'claim');
});

test('who stands still for longer than half a second between two claims does not wait', t => {
  const b = new Bench();
  b.look({tunnels: withoutGw1});
  t.is(b.at(777).held(gw1).look({full: false}), 'claim');
});

test('a claim that was put off is forgotten when the port is no longer wanted', t => {
  const b = new Bench();
  b.look({tunnels: withoutGw1});
  b.at(100).held(gw1).look({full: false});
  t.is(b.at(200).look({tunnels: all}), 'nothing');
  t.is(b.claims.wakeAt, never);
});

test('nothing is decided, claimed or released without a transaction', t => {
  const b = new Bench();
  t.is(b.look({tunnels: withoutGw1, writable: false}), 'cannot');
  t.deepEqual([...b.claims.active], []);
  t.deepEqual(b.lines, []);
  t.is(b.look(), 'claim');
  b.held(gw2);
  t.is(b.look({tunnels: all, writable: false}), 'cannot');
  t.deepEqual([...b.claims.active], [0]);
});

test('a claim that is put off needs no transaction', t => {
  const b = new Bench();
  b.look({tunnels: withoutGw1});
  t.is(b.at(100).held(gw1).look({full: false, writable: false}), 'nothing');
  t.is(b.at(500).look({full: false, writable: false}), 'cannot');
});

test('tunnels count as they were at the last full run, whatever a shorter run sees', t => {
  const b = new Bench();
  b.look({tunnels: all});
  b.held(gw3);
  t.is(b.look({full: false}), 'nothing');
});

test('a group that has lost the chassis of its best member is looked at without a full run', t => {
  const b = new Bench();
  b.look({tunnels: [gw1, ...withoutGw1]});
  b.contents.write({table: 'HA_Chassis', key: routerKey(0, gw1), value: 0, cause: 0});
  t.is(b.look({full: false}), 'claim');
});

test('a claim follows from what was seen, or from what made it wanted when it was put off', t => {
  const b = new Bench();
  const {journal} = b.ground;
  const [first, second, third] = ['a', 'b', 'c'].map(chassis => journal.announce('openflow connected', {chassis}));
  const parentsOf = (number: number) => journal.entry(number).parents;
  const claims = () => journal.entries.filter(({kind}) => kind === 'port claimed').map(({number}) => number);
  b.look({tunnels: withoutGw1}, first);
  t.deepEqual(parentsOf(claims()[0]), [first]);
  b.at(100).held(gw1).look({full: false}, second);
  b.at(500).look({full: false}, 0);
  t.deepEqual(parentsOf(claims()[1]), [second]);
  b.at(600).held(none).look({full: false}, third);
  t.deepEqual(parentsOf(claims()[2]), [third]);
});

test('who has long been active says nothing of it', t => {
  const b = new Bench().held(gw2);
  b.claims.beginSettled(new Set([0]), new Set(withoutGw1));
  t.is(b.look({full: false}), 'nothing');
  t.is(b.look({tunnels: withoutGw1}), 'nothing');
  t.deepEqual(b.lines, []);
});

test('however often another takes it, the port is claimed from it at most every half a second', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({min: 1, max: 700}), {maxLength: 30}), gaps => {
      const b = new Bench();
      b.look({tunnels: withoutGw1});
      let [now, claimedAt] = [0, 0];
      for (const gap of gaps) {
        now += gap;
        // Its own clock wakes it meanwhile.
        if (b.claims.wakeAt < milliseconds(now)) {
          b.at(toMilliseconds(b.claims.wakeAt));
          if (b.look({full: false}) === 'claim') claimedAt = toMilliseconds(b.ground.engine.now);
        }
        b.at(now).held(gw1);
        const wanted = now - claimedAt >= 500 ? 'claim' : 'nothing';
        t.is(b.look({full: false}), wanted);
        if (wanted === 'claim') claimedAt = now;
      }
    }),
  );
});
