import test from 'ava';
import fc from 'fast-check';
import {bfdPeers, isActive} from '../../../../models/control/ovn/election.ts';
import type {GatewayGroup} from '../../../../models/tables/gateway-groups.ts';
import {smallTopology} from '../../../support/small-topology.ts';

type Members = {
  /** The best first. */
  readonly members: string;
  readonly absent?: string;
  readonly references?: string;
};

const names = ['A', 'B', 'C', 'D', 'E', 'V', 'W', 'X', 'Y', 'Z'];
const [router] = smallTopology().routers;

/** Chassis by their letters; gateways are A to E, the others V to Z. */
const numbers = (letters: string) => letters.split('').map(letter => names.indexOf(letter));
const letters = (chassis: readonly number[]) =>
  [...new Set(chassis)]
    .map(number => names[number])
    .sort()
    .join('');

function group({members, absent = '', references = ''}: Members): GatewayGroup {
  const gone = new Set(numbers(absent));
  return {
    router,
    members: numbers(members),
    present: new Set(numbers(members).filter(member => !gone.has(member))),
    references: numbers(references),
  };
}

/** Who of the group thinks that it is active when each sees these tunnels up. */
function active(of: Members, seen: Readonly<Record<string, string>>): string {
  const there = Object.entries(seen).filter(([self, tunnels]) =>
    isActive(numbers(self)[0], group(of), new Set(numbers(tunnels))),
  );
  return there.map(([self]) => self).join('');
}

// ha-chassis.c: three gateways A, B, C, two chassis V, W that send them traffic, seen from the least of them.
const three = {members: 'ABC', references: 'VW'};

const workedCases: readonly (readonly [string, string, boolean])[] = [
  ['sees all others', 'ABVW', false],
  ['sees the second', 'BVW', false],
  ['sees none but the senders', 'VW', true],
  ['sees one of the senders', 'W', true],
  ['sees nobody', '', false],
];

for (const [what, tunnels, expected] of workedCases) {
  test(`the least of three that ${what} is ${expected ? '' : 'not '}active`, t => {
    t.is(isActive(numbers('C')[0], group(three), new Set(numbers(tunnels))), expected);
  });
}

test('the best of three is active as long as it sees anybody who counts', t => {
  for (const tunnels of ['BCVW', 'B', 'V', 'BV', 'C']) t.is(active(three, {A: tunnels}), 'A', tunnels);
});

test('the best of three that sees nobody is not active', t => {
  t.is(active(three, {A: ''}), '');
});

test('one of two that has lost the other but not the senders takes over, and the other gives up', t => {
  const two = {members: 'AB', references: 'VW'};
  t.is(active(two, {A: '', B: 'VW'}), 'B');
});

test('who is left alone among the gateways and sees only strangers is not active', t => {
  t.is(active(three, {C: 'XYZ'}), '');
  t.is(active({members: 'ABC'}, {C: 'VW'}), '');
});

test('two parts of a split each have an active gateway where senders are seen', t => {
  t.is(active(three, {A: 'V', B: 'CW', C: 'BW'}), 'AB');
});

test('two gateways that see each other and nobody else still have one active', t => {
  t.is(active(three, {A: 'B', B: 'A', C: ''}), 'A');
});

test('a group of one belongs to its member, whatever it sees', t => {
  t.is(active({members: 'A'}, {A: '', B: 'AVW'}), 'A');
});

test('a group of one whose chassis is gone belongs to nobody', t => {
  t.is(active({members: 'A', absent: 'A'}, {A: 'VW'}), '');
});

test('the only member with a chassis is active, whatever it sees', t => {
  t.is(active({members: 'ABC', absent: 'AC', references: 'V'}, {A: 'V', B: '', C: 'V'}), 'B');
});

test('a member whose chassis is gone does not stand in the way, not even with a tunnel that is up', t => {
  t.is(active({members: 'ABC', absent: 'A', references: 'V'}, {A: 'BCV', B: 'ACV', C: 'ABV'}), 'B');
});

test('who is no member is never active', t => {
  t.is(active(three, {D: 'ABCVW', V: 'ABC'}), '');
});

test('an empty group has nobody', t => {
  t.is(active({members: ''}, {A: 'BV'}), '');
  t.is(letters(bfdPeers(0, group({members: ''}))), '');
});

test('whoever sees whom, of those that see each other alike one at most is active', t => {
  const runs = fc.record({
    absent: fc.subarray(['A', 'B', 'C', 'D']),
    island: fc.subarray(['A', 'B', 'C', 'D', 'V', 'W']),
  });
  fc.assert(
    fc.property(runs, ({absent, island}) => {
      const of = {members: 'ABCD', absent: absent.join(''), references: 'VW'};
      const alive = island.filter(letter => !absent.includes(letter));
      const seen = Object.fromEntries(alive.map(self => [self, alive.filter(other => other !== self).join('')]));
      const winners = active(of, seen);
      t.true(winners.length <= 1);
      const gateways = alive.filter(letter => 'ABCD'.includes(letter));
      const canServe = gateways.length > 0 && (gateways.length > 1 || alive.length > 1 || absent.length === 3);
      t.is(winners, canServe ? gateways[0] : '');
    }),
  );
});

// bfd.c: the groups ABC with the senders V, W and ADE with V, X, Y.
const groups = [
  {members: 'ABC', references: 'VW'},
  {members: 'ADE', references: 'VXY'},
];

for (const [self, peers] of [
  ['A', 'BCDEVWXY'],
  ['V', 'ABCDE'],
  ['E', 'ADVXY'],
  ['W', 'ABC'],
  ['Z', ''],
] as const) {
  test(`with two groups ${self} runs BFD with ${peers === '' ? 'nobody' : peers.split('').join(', ')}`, t => {
    t.is(letters(groups.flatMap(of => bfdPeers(numbers(self)[0], group(of)))), peers);
  });
}

test('nobody runs BFD for a group of one', t => {
  for (const self of 'ABV') t.is(letters(bfdPeers(numbers(self)[0], group({members: 'A', references: 'VW'}))), '');
});

test('a gateway whose chassis is gone runs no BFD, and nobody with it', t => {
  const of = {members: 'ABC', absent: 'B', references: 'V'};
  t.is(letters(bfdPeers(numbers('A')[0], group(of))), 'CV');
  t.is(letters(bfdPeers(numbers('V')[0], group(of))), 'AC');
  t.is(letters(bfdPeers(numbers('B')[0], group(of))), '');
});

test('a gateway that also has VMs behind the router does not run BFD with itself', t => {
  t.is(letters(bfdPeers(numbers('A')[0], group({members: 'AB', references: 'AV'}))), 'BV');
});

test('whoever runs BFD with whom, the other runs it as well', t => {
  const runs = fc.record({
    members: fc.subarray(['A', 'B', 'C', 'D', 'E']),
    absent: fc.subarray(['A', 'B', 'C', 'D', 'E']),
    references: fc.subarray(['A', 'B', 'V', 'W', 'X']),
  });
  fc.assert(
    fc.property(runs, ({members, absent, references}) => {
      const of = group({members: members.join(''), absent: absent.join(''), references: references.join('')});
      for (const self of names.keys()) {
        for (const peer of bfdPeers(self, of))
          t.true(bfdPeers(peer, of).includes(self), `${names[self]} ${names[peer]}`);
      }
    }),
  );
});
