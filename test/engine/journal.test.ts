import test from 'ava';
import {Engine} from '../../engine/engine.ts';
import {Journal} from '../../engine/journal.ts';
import {never} from '../../engine/time.ts';

type Kinds = {
  'link cut': {link: number};
  'session down': {session: number; reason: string};
};

test('announcements are numbered from 1 and bear the time of the run', t => {
  const engine = new Engine();
  const journal = new Journal<Kinds>(engine);
  engine.advance(250);
  t.is(journal.announce('link cut', {link: 3}), 1);
  engine.advance(300);
  t.is(journal.announce('session down', {session: 7, reason: 'timeout'}), 2);
  t.deepEqual(journal.entries, [
    {number: 1, at: 250, kind: 'link cut', detail: {link: 3}, parents: []},
    {number: 2, at: 300, kind: 'session down', detail: {session: 7, reason: 'timeout'}, parents: []},
  ]);
});

test('parents are those given, each once and without the unknown', t => {
  const journal = new Journal<Kinds>(new Engine());
  for (let link = 0; link < 3; link++) journal.announce('link cut', {link});
  const number = journal.announce('session down', {session: 1, reason: ''}, [3, 0, 1, 3]);
  t.deepEqual(journal.entry(number).parents, [3, 1]);
  t.deepEqual(journal.entry(journal.announce('link cut', {link: 9}, [])).parents, []);
});

test('without parents given it is the cause under which the engine runs', t => {
  const engine = new Engine();
  const journal = new Journal<Kinds>(engine);
  engine.cause = journal.announce('link cut', {link: 1});
  const child = journal.announce('session down', {session: 1, reason: ''});
  t.deepEqual(journal.entry(child).parents, [1]);
});

test('a cause travels with what is posted, from actor to actor, and not with alarms', t => {
  const engine = new Engine();
  const journal = new Journal<Kinds>(engine);
  const down = (session: number) => journal.announce('session down', {session, reason: ''});
  engine.add({
    wakeAt: never,
    wake: () => undefined,
    hear: (message, now) => {
      engine.cause = down(message as number);
      if (message === 1) engine.post(now + 10, 0, 0, 1, 2);
    },
  });
  const sleeper = {
    wakeAt: 15,
    wake: () => {
      sleeper.wakeAt = never;
      down(3);
    },
  };
  engine.add(sleeper);
  engine.cause = journal.announce('link cut', {link: 1});
  engine.post(10, 0, 0, 0, 1);
  engine.advance(100);
  t.deepEqual(
    journal.entries.map(({at, kind, parents}) => ({at, kind, parents})),
    [
      {at: 0, kind: 'link cut', parents: []},
      {at: 10, kind: 'session down', parents: [1]},
      {at: 15, kind: 'session down', parents: []},
      {at: 20, kind: 'session down', parents: [2]},
    ],
  );
});

test('listeners hear every announcement from then on, in order', t => {
  const journal = new Journal<Kinds>(new Engine());
  const lines: string[] = [];
  journal.announce('link cut', {link: 1});
  journal.listen(({number, kind}) => lines.push(`first ${number} ${kind}`));
  journal.listen(entry => {
    lines.push(`second ${entry.number}`);
    if (entry.kind === 'session down') lines.push(entry.detail.reason);
  });
  journal.announce('link cut', {link: 2});
  journal.announce('session down', {session: 1, reason: 'timeout'});
  t.deepEqual(lines, ['first 2 link cut', 'second 2', 'first 3 session down', 'second 3', 'timeout']);
});

test('an announcement that was never made cannot be looked up', t => {
  const journal = new Journal<Kinds>(new Engine());
  journal.announce('link cut', {link: 1});
  t.is(journal.entry(1).kind, 'link cut');
  for (const number of [0, 2, -1]) t.throws(() => journal.entry(number), {message: /nothing was announced/});
});
