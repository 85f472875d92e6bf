import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {seconds} from '../../engine/time.ts';
import type {FlowResult} from '../../models/events/results.ts';
import type {Expected} from '../../reports/expectations.ts';
import {makeReport} from '../../reports/report.ts';
import {plain, runText, type Showing} from '../../reports/run-text.ts';
import {libraryReport, Story} from '../support/runs.ts';

/*
 * Whole runs as a person reads them. `UPDATE=1 npm test` rewrites the texts; read the difference before you keep it.
 */
const goldens = [
  ['ovn-three-gateways', '1'],
  ['ovn-gateway-flapping', '1'],
  ['ovn-database-killed', '7'],
] as const;

for (const [name, seed] of goldens) {
  test(`${name} with seed ${seed} reads as it did`, t => {
    const text = runText(libraryReport(name, seed), plain);
    const path = join(process.cwd(), 'test/golden/runs', `${name}-${seed}.txt`);
    if (process.env.UPDATE) writeFileSync(path, text);
    t.is(text, readFileSync(path, 'utf8'));
  });
}

function shown(
  story: Story,
  flows: readonly Partial<FlowResult>[] = [],
  expected: readonly Expected[] = [],
  showing?: Showing,
): string {
  return runText(makeReport('ovn-test', story.result(flows), expected), plain, showing);
}

/** One fault that took a flow down for three seconds. */
function cut(): Story {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  const down = story.bfd(22.25, 'down', began);
  story.restores(23.5, 0, 300, down);
  return story;
}

test('without faults and without traffic it says so', t => {
  t.is(
    shown(new Story()),
    'ovn-test   seed 1   60 s simulated   fingerprint 0123456789abcdef\n\n' +
      'No fault struck.\n\nNo traffic: nothing could be lost.\n',
  );
});

test('the real time that it took is shown only where it is given', t => {
  t.true(shown(new Story(), [], [], {took: 123}).startsWith('ovn-test   seed 1   60 s simulated in 0.12 s   '));
  t.false(shown(new Story()).includes(' in '));
});

test('a flow that never came back is told with what took it down', t => {
  const story = new Story();
  const began = story.begins(20);
  const down = story.bfd(22.25, 'down', began);
  story.loses(22.5, 0, down);
  const text = shown(
    story,
    [{lost: 3750}, {}],
    [{text: 'convergence.max < 3s', metric: 'convergence.max', comparison: '<', value: 3000}],
  );
  t.regex(text, /underlay {2}start .* – +– +– +– +never +1 of 2 +3750/);
  t.regex(text, /37\.500 s {2}1 not back/);
  t.regex(text, /underlay start: 1 of 2 flows hit; snat: vm0 → outside never came back \(3750 lost: no carrier/);
  t.regex(text, /22\.250 +\+2\.250 +gw2: BFD to gw1 up → down/);
  t.regex(text, /22\.500 +\+2\.500 {2}lost +snat: vm0 → outside loses packets: no carrier at gw1 underlay/);
  t.regex(text, /expect {2}convergence.max < 3s {2}never {2}MISSED\n\n1 of 1 expectations missed\.\n$/);
});

test('what was not measured is none, and a count of nothing is 0', t => {
  const lines: readonly Expected[] = [
    {text: 'convergence.max < 3s', metric: 'convergence.max', comparison: '<', value: 3000},
    {text: 'outage.count == 0', metric: 'outage.count', comparison: '==', value: 0},
    {text: 'packets_lost.max.snat == 0', metric: 'packets_lost.max.snat', comparison: '==', value: 0},
  ];
  const verdicts = shown(new Story(), [{}], lines).split('\n\n').at(-1);
  t.is(
    verdicts,
    'expect  convergence.max < 3s        none  ok\n' +
      '        outage.count == 0              0  ok\n' +
      '        packets_lost.max.snat == 0     0  ok\n',
  );
});

test('losses before any fault, and those too few for an outage, are told apart', t => {
  const story = new Story();
  story.loses(1, 0);
  story.restores(1.1, 0, 1);
  story.begins(20);
  const text = shown(story, [{lost: 1}, {lost: 5}]);
  t.true(text.includes('Before any fault 1 flow lost 1 packet: no carrier at gw1 underlay.\n'));
  t.true(text.includes('Random loss took 5 packets here and there, too few in a row to make an outage.\n'));
});

test('what a security group drops is put down to no fault that happens to be in force', t => {
  const story = new Story();
  story.begins(20);
  story.loses(22, 0);
  const detail = {flow: 1, since: seconds(22), reason: 'security group', place: 'cn1 port of vm1'} as const;
  story.announce(22, 'flow lost', detail);
  const text = shown(story, [{lost: 3}, {lost: 7}]);
  t.regex(text, /underlay {2}start .* 1 of 2 +3 /);
  t.true(text.includes('By no fault 1 flow lost 7 packets: security group at cn1 port of vm1.\n'), text);
});

test('an operation that was refused is not told as done', t => {
  const story = new Story();
  const give = (name: string, target: string): number =>
    story.announce(20, 'fault began', {fault: name, occurrence: 1, kind: 'operation', target});
  const refuse = (began: number, subject: string): number =>
    story.announce(20.01, 'operation refused', {what: 'add', subject, reason: 'the agent of net1 hosts it'}, began);
  refuse(give('give', 'r1'), 'r1');
  refuse(give('give-both', 'r1 r2'), 'r2');
  const text = shown(story);
  t.regex(text, /give +start .*refused: operation of r1\n/);
  t.regex(text, /give-both +start .*refused in part: operation of r1 and r2\n/);
  t.true(text.includes('Not done: give, add of r1: the agent of net1 hosts it.\n'));
  t.true(text.includes('Not done: give-both, add of r2: the agent of net1 hosts it.\n'));
});

test('a narrow terminal loses no word: first the words of the faults go, then the table becomes a list', t => {
  const wide = shown(cut(), [{lost: 300}]);
  t.regex(wide, /lost {2}what\n.*300 {2}link of gw1/);
  const narrower = shown(cut(), [{lost: 300}], [], {width: 110});
  t.regex(narrower, /flows {2}lost\n/);
  const narrow = shown(cut(), [{lost: 300}], [], {width: 60});
  t.true(
    narrow.includes(
      'underlay start  20.000 s  link of gw1\n' +
        '  convergence 3.500 s, 1 of 1 flows, 300 lost\n' +
        '  detection 2.250 s, decision 0, propagation 0, restoration 1.250 s\n',
    ),
  );
  t.regex(narrow, /restored +first packet through,\n +300 lost/);
});

test('very many edges: the slowest have a row, the slowest of those a story, and the rest a summary', t => {
  const story = new Story();
  for (let occurrence = 1; occurrence <= 30; occurrence++) {
    const at = occurrence * 1.5;
    const began = story.begins(at, 'flap', occurrence);
    story.loses(at, 0, began);
    story.restores(at + 0.5 + occurrence / 100, 0, 1, began);
  }
  const text = shown(story, [{lost: 30}]);
  t.is([...text.matchAll(/^flap#?\d* +start /gm)].length, 12);
  t.true(text.includes('The 12 slowest of 30 edges. Convergence of the 30 with outages: median 655 ms, p95 '));
  t.is([...text.matchAll(/^flap#\d+ start: /gm)].length, 4);
  t.true(text.includes('\nflap#30 start: '));
  t.true(text.includes('26 faster edges not told here'));
});

test('a thousand flows are one row, very many kinds of traffic are twenty', t => {
  const flows = Array.from({length: 1000}, () => ({lost: 2}));
  t.regex(shown(new Story(), flows), /^snat +1000 +1000 +1000000 +2000 +–$/m);
  const kinds = Array.from({length: 50}, (_, number) => ({group: `kind${number}`, lost: number}));
  const text = shown(new Story(), kinds);
  t.is([...text.matchAll(/^kind\d+ /gm)].length, 20);
  t.regex(text, /^kind49 /m);
  t.true(text.includes('30 kinds of traffic that lost less not shown.'));
});

test('late, doubled and misled packets have columns where there are any', t => {
  t.regex(shown(new Story(), [{late: 3, misdelivered: 1}]), /sent {2}lost {2}late {2}misdelivered {2}longest outage/);
  t.regex(shown(new Story(), [{}]), /sent {2}lost {2}longest outage/);
});

test('faults in force besides the one that did it are named', t => {
  const story = new Story();
  story.begins(10, 'database');
  story.begins(12, 'over');
  story.ends(15, 'over');
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  story.restores(23, 0, 250, began);
  t.regex(shown(story, [{lost: 250}]), /underlay start: .*\. Also in force: database\n/);
});

test('what came back because a fault ended is said to be mended', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  const ended = story.ends(32);
  story.restores(32.5, 0, 1200, ended);
  t.regex(shown(story, [{lost: 1200}]), /32\.000 +\+12\.000 +mended +underlay end: link of gw1 over/);
});

test('how long the flow was out, and how long after the fault it was back, are two things', t => {
  const story = new Story();
  const began = story.begins(20);
  const ended = story.ends(30);
  story.loses(24, 0, began);
  story.restores(24.14, 0, 14, began);
  story.loses(31, 0, ended);
  story.restores(31.5, 0, 50, ended);
  const text = shown(story, [{lost: 64}]);
  t.true(text.includes('was the last to come back, out for 140 ms, back 4.14 s after the fault (no carrier'));
  t.true(text.includes("out for 500 ms, back 1.5 s after the fault's end (no carrier"));
});

test('a flow is restored when its packet is sent; what that did on its way stands below', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  const learnt = story.announce(23.2, 'mac moved', {segment: 'provider', mac: 1, from: 'gw1', to: 'gw2'}, began);
  const detail = {flow: 0, since: seconds(20.5), until: seconds(23.1), lost: 260};
  story.announce(23.3, 'flow restored', detail, learnt);
  t.regex(shown(story, [{lost: 260}]), /23\.100 +\+3\.100 {2}restored .*\n +23\.200 +\+3\.200 +provider switch finds/);
});

test('a MAC that goes to and fro is told once, with how often', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  let last = began;
  for (let move = 0; move < 100; move++) {
    const [from, to] = move % 2 === 0 ? ['gw1', 'gw2'] : ['gw2', 'gw1'];
    last = story.announce(21 + move / 100, 'mac moved', {segment: 'provider', mac: 1, from, to}, last);
  }
  story.restores(23, 0, 250, last);
  const text = shown(story, [{lost: 250}]);
  t.regex(text, /21\.010 +\+1\.010 +… 97 more moves between gw1 and gw2 until 21\.970/);
  t.is([...text.matchAll(/provider switch finds/g)].length, 3);
  t.regex(text, /21\.990 +\+1\.990 {2}propagation {2}provider switch finds/);
});

test('of a story without end the beginning, the end and what has a name are told', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  let last = began;
  for (let step = 0; step < 60; step++) {
    last = story.announce(21 + step / 100, 'tunnel toggled', {chassis: `cn${step}`, peer: 'gw1', enabled: false}, last);
    if (step === 30) last = story.decides(21.305, last);
  }
  story.restores(23, 0, 250, last);
  const lines =
    shown(story, [{lost: 250}])
      .split('\n\n')
      .at(-1)
      ?.trimEnd()
      .split('\n') ?? [];
  t.is(lines.length, 1 + 14 + 1 + 1 + 1 + 8);
  t.regex(lines[15], /… 18 more steps until 21\.300/);
  t.regex(lines[16], /decision +gw2: r1 becomes active here/);
  t.regex(lines[17], /… 22 more steps until 21\.520/);
});
