import test from 'ava';
import {ovsBfdDefaults} from '../../../models/protocols/ovs-bfd.ts';
import {LocalDatabase} from '../../../models/tables/local-database.ts';

/** A database with both daemons listening, and what they were told. */
function bench() {
  const database = new LocalDatabase();
  const told: string[] = [];
  database.onConfiguration = peer => told.push(`configuration ${peer}`);
  database.onStatus = peer => told.push(`status ${peer}`);
  return {database, told};
}

test('ovs-vswitchd is told of a tunnel that is added, changed or removed, and of nothing else', t => {
  const {database, told} = bench();
  t.true(database.add(2));
  t.false(database.add(2));
  t.true(database.setBfd(2, ovsBfdDefaults));
  t.false(database.setBfd(2, {...ovsBfdDefaults}));
  for (const change of [{minTx: 1}, {minRx: 1}, {mult: 1}, {decayMinRx: 1}]) {
    t.true(database.setBfd(2, {...ovsBfdDefaults, ...change}));
  }
  t.true(database.setBfd(2, undefined));
  t.true(database.remove(2));
  t.false(database.remove(2));
  t.deepEqual(
    told,
    Array.from({length: 8}, () => 'configuration 2'),
  );
});

test('ovn-controller is told of every report, and keeps what was reported when it changes the timers', t => {
  const {database, told} = bench();
  database.add(1);
  told.length = 0;
  database.report(1, 'up');
  database.report(1, 'up');
  t.deepEqual(told, ['status 1', 'status 1']);
  database.setBfd(1, {...ovsBfdDefaults, minTx: 7});
  t.is(database.tunnel(1)?.status, 'up');
});

test('a report on a tunnel that is gone is lost, and the tunnel that comes next knows nothing of it', t => {
  const {database, told} = bench();
  database.add(1);
  database.report(1, 'up');
  database.remove(1);
  told.length = 0;
  database.report(1, 'down');
  t.deepEqual(told, []);
  database.add(1);
  t.is(database.tunnel(1)?.status, undefined);
});

test('a tunnel that is not there has no BFD', t => {
  const {database, told} = bench();
  t.false(database.setBfd(1, ovsBfdDefaults));
  t.deepEqual([told, database.tunnel(1)], [[], undefined]);
});

test('peers are in the order of their numbers', t => {
  const {database} = bench();
  for (const peer of [10, 9, 2, 30]) database.add(peer);
  t.deepEqual(database.peers, [2, 9, 10, 30]);
});

test('it goes on when nobody listens', t => {
  const database = new LocalDatabase();
  database.add(1);
  database.report(1, 'init');
  t.deepEqual(database.tunnel(1), {bfd: undefined, status: 'init'});
});
