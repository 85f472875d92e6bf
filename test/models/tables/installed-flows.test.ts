import test from 'ava';
import fc from 'fast-check';
import {Ledger, type Fact} from '../../../engine/ledger.ts';
import {never} from '../../../engine/time.ts';
import {InstalledFlows, type FlowState} from '../../../models/tables/installed-flows.ts';
import {routerKey, SouthboundContents, type SouthboundTable} from '../../../models/tables/southbound-contents.ts';
import {smallTopology} from '../../support/small-topology.ts';

const topology = smallTopology({
  chassis: ['a', 'b'],
  gateways: [
    ['a', 'b'],
    ['b', 'a'],
  ],
  vms: [['a'], ['b']],
});
const {routers} = topology;
const addresses = [7, 8];
const ports = [0, 1, 2, 3];

/** Flows of two chassis, and every fact with the answers that it stands for. */
class Bench {
  readonly contents = new SouthboundContents(() => -1);
  readonly #ledger = new Ledger(true);
  readonly flows = new InstalledFlows(this.#ledger, this.contents, 2);
  readonly told = new Set<string>();
  readonly #facts = new Map<string, {fact: Fact; answer: () => unknown}>();

  constructor() {
    for (const chassis of [0, 1]) {
      this.#rely(`${chassis} complete`, this.flows.completeFact(chassis), () => this.flows.complete(chassis));
      for (const port of ports) {
        this.#rely(`${chassis} location ${port}`, this.flows.locationFact(chassis, port), () =>
          this.flows.location(chassis, port),
        );
      }
      for (const router of routers) this.#relyOnRouter(chassis, router);
    }
  }

  /** What every fact stands for at present. */
  answers(): ReadonlyMap<string, string> {
    return new Map([...this.#facts].map(([name, {answer}]) => [name, JSON.stringify(answer())]));
  }

  #relyOnRouter(chassis: number, router: (typeof routers)[number]): void {
    const {flows} = this;
    const name = `${chassis} ${router.name}`;
    this.#rely(`${name} resident`, flows.residentFact(chassis, router), () => flows.resident(chassis, router));
    this.#rely(`${name} candidates`, flows.candidatesFact(chassis, router), () =>
      [0, 1].map(gateway => flows.candidate(chassis, router, gateway)),
    );
    this.#rely(`${name} routes`, flows.routesFact(chassis, router), () =>
      [0, 1].map(route => flows.route(chassis, router, route)),
    );
    for (const address of addresses) {
      this.#rely(`${name} mac of ${address}`, flows.macBindingFact(chassis, router, address), () =>
        flows.macBinding(chassis, router, address),
      );
    }
  }

  #rely(name: string, fact: Fact, answer: () => unknown): void {
    this.#facts.set(name, {fact, answer});
    const hold = (): void => {
      this.#ledger.hold(
        {settle: () => undefined, resume: () => (this.told.add(name), hold()), lastAt: () => -1, nextAt: () => never},
        [fact],
        [],
      );
    };
    hold();
  }
}

const write = fc.oneof(
  fc.record({table: fc.constant('Port_Binding'), key: fc.constantFrom(...ports), value: fc.integer({min: -1, max: 1})}),
  fc.record({table: fc.constant('HA_Chassis'), key: rowOf([0, 1]), value: fc.nat(1)}),
  fc.record({table: fc.constant('Route'), key: rowOf([0, 1]), value: fc.nat(1)}),
  fc.record({table: fc.constant('MAC_Binding'), key: rowOf(addresses), value: fc.nat(3)}),
  fc.record({table: fc.constant('Chassis'), key: fc.nat(1), value: fc.nat(1)}),
);
const step = fc.oneof(
  {weight: 3, arbitrary: write.map(change => ({kind: 'write' as const, change}))},
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('install' as const),
      chassis: fc.nat(1),
      share: fc.nat(100),
      residents: fc.subarray([0, 1]),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('clear' as const), chassis: fc.nat(1)})},
);

function rowOf(what: readonly number[]) {
  return fc.tuple(fc.nat(1), fc.constantFrom(...what)).map(([router, number]) => routerKey(router, number));
}

/** The rows that a fact covers, by table. */
function covers(name: string, {table, key}: {table: string; key: number}): boolean {
  const [router, what] = [routers[Math.floor(key / 0x1_0000_0000)]?.name, key % 0x1_0000_0000];
  if (table === 'Port_Binding') return name.endsWith(`location ${key}`);
  if (table === 'HA_Chassis') return name.endsWith(`${router} candidates`);
  if (table === 'Route') return name.endsWith(`${router} routes`);
  return table === 'MAC_Binding' && name.endsWith(`${router} mac of ${what}`);
}

test('an answer never changes without its fact being told, nor is a fact told that nothing was written about', t => {
  fc.assert(
    fc.property(fc.array(step, {maxLength: 60}), script => {
      const b = new Bench();
      const installed = [0, 0];
      for (const act of script) {
        if (act.kind === 'write') {
          const {table, key, value} = act.change;
          b.contents.write({table: table as SouthboundTable, key, value, cause: 1});
          continue;
        }
        const before = b.answers();
        b.told.clear();
        const {chassis} = act;
        if (act.kind === 'clear') b.flows.clear(chassis, 1);
        else {
          const from = installed[chassis];
          const watermark = from + Math.round(((b.contents.latest - from) * act.share) / 100);
          installed[chassis] = watermark;
          b.flows.install(chassis, {watermark, residents: new Set(act.residents)}, 1);
          const written = b.contents.between(from, watermark);
          for (const name of b.told) {
            const isOwn = name.startsWith(`${chassis} `);
            const changed = before.get(name) !== b.answers().get(name);
            t.true(isOwn && (changed || written.some(change => covers(name, change))), name);
          }
        }
        for (const [name, answer] of b.answers()) if (before.get(name) !== answer) t.true(b.told.has(name), name);
      }
    }),
  );
});

test('nothing of the database is met before it is installed', t => {
  const b = new Bench();
  b.contents.write({table: 'Port_Binding', key: 0, value: 1, cause: 0});
  t.is(b.flows.location(0, 0), -1);
  b.flows.install(0, {watermark: 1, residents: new Set()}, 0);
  t.is(b.flows.location(0, 0), 1);
  t.is(b.flows.location(1, 0), -1);
});

test('a chassis without its flows is nobody’s gateway, and told so once', t => {
  const b = new Bench();
  const state: FlowState = {watermark: 0, residents: new Set([0])};
  b.flows.install(0, state, 0);
  t.true(b.flows.complete(0));
  b.told.clear();
  b.flows.clear(0, 1);
  t.false(b.flows.complete(0));
  t.false(b.flows.resident(0, routers[0]));
  t.deepEqual([...b.told].sort(), ['0 complete', '0 r1 resident']);
  b.told.clear();
  b.flows.clear(0, 1);
  t.deepEqual([...b.told], []);
});

test('who comes and who goes with new flows is known beforehand', t => {
  const b = new Bench();
  b.flows.install(0, {watermark: 0, residents: new Set([0])}, 0);
  t.deepEqual(b.flows.differences(0, {watermark: 0, residents: new Set([1])}), {came: [1], went: [0]});
  t.true(b.flows.resident(0, routers[0]));
});
