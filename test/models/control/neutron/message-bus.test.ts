import test from 'ava';
import {seconds, toSeconds} from '../../../../engine/time.ts';
import {BusConnection} from '../../../../models/control/neutron/bus-connection.ts';
import {MessageBroker} from '../../../../models/control/neutron/message-broker.ts';
import type {Letter, QueueDeclaration} from '../../../../models/control/neutron/messages.ts';
import {Process} from '../../../../models/control/neutron/process.ts';
import {neutronDefaults} from '../../../../models/control/neutron/settings.ts';
import type {Dialler} from '../../../../models/wire/stream.ts';
import {announcementLine, makeGround, passUntil} from '../../../support/ground.ts';
import {benchHost, BenchPath} from './neutron-bench.ts';

const letter = (number: number): Letter => ({kind: 'reply', number, answer: undefined});

/** RabbitMQ and daemons that note what they get. */
class Bench {
  readonly ground = makeGround();
  readonly broker = new MessageBroker(this.ground, benchHost(this.ground, 'controller'), neutronDefaults);
  readonly lines: string[] = [];

  member(name: string, queues: readonly QueueDeclaration[]) {
    const path = new BenchPath(this.ground, this.broker);
    const process = new Process(this.ground);
    const bus = new BusConnection(this.ground, process, {
      ...{chassis: name, daemon: 'd', dialler: this.#watched(name, path.dialler), settings: neutronDefaults, queues},
      take: (queue, got) => this.note(`${name} gets ${'number' in got ? got.number : ''} from ${queue}`),
    });
    bus.start();
    const send = (to: string, number: number, expiration = seconds(3600)) => {
      const destination = to.startsWith('*') ? {exchange: to.slice(1)} : {queue: to};
      process.run(bus.publish(destination, letter(number), expiration));
    };
    return {path, process, bus, send};
  }

  note(line: string): void {
    this.lines.push(`${toSeconds(this.ground.engine.now).toFixed(3)} ${line}`);
  }

  at(time: number): this {
    passUntil(this.ground, seconds(time));
    return this;
  }

  get announced(): readonly string[] {
    return this.ground.journal.entries.map(announcementLine);
  }

  #watched(name: string, dialler: Dialler): Dialler {
    return {
      connect: outcome => {
        this.note(`${name} dials`);
        return dialler.connect(outcome);
      },
    };
  }
}

const own = (name: string): QueueDeclaration => ({name, exchange: undefined});

test('a letter goes to its queue, and from there in turn to those that consume it', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  b.member('b', [own('q')]);
  b.member('c', [own('q')]);
  b.at(1);
  for (const number of [1, 2, 3]) send('q', number);
  b.at(2);
  const got = b.lines.filter(line => line.includes('gets'));
  t.deepEqual(got, ['1.001 b gets 1 from q', '1.001 c gets 2 from q', '1.001 b gets 3 from q']);
});

test('a fan-out reaches every queue that is bound to it', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  for (const name of ['b', 'c']) b.member(name, [{name: `f_${name}`, exchange: 'f'}]);
  b.at(1);
  send('*f', 1);
  b.at(2);
  const got = b.lines.filter(line => line.includes('gets'));
  t.deepEqual(got, ['1.001 b gets 1 from f_b', '1.001 c gets 1 from f_c']);
});

test('letters wait for a consumer that is gone, but not longer than they may, and not for one that never was', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  const gone = b.member('b', [own('q')]);
  b.at(1);
  gone.process.die();
  gone.bus.close();
  b.at(2);
  send('q', 1, seconds(10));
  send('q', 2, seconds(60));
  send('nobody', 3);
  b.at(30);
  t.is(b.broker.waitingIn('q'), 2);
  t.is(b.broker.waitingIn('nobody'), undefined);
  b.member('b', [own('q')]);
  b.at(31);
  t.deepEqual(
    b.lines.filter(line => line.includes('gets')),
    ['30.000 b gets 2 from q'],
  );
});

test('a fan-out queue that nobody reads is gone after 1800 s; one with a name of its own stays', t => {
  const b = new Bench();
  const gone = b.member('b', [{name: 'f_b', exchange: 'f'}, own('q')]);
  b.at(1);
  gone.process.die();
  gone.bus.close();
  b.at(1800);
  t.is(b.broker.waitingIn('f_b'), 0);
  b.at(1802);
  t.is(b.broker.waitingIn('f_b'), undefined);
  t.is(b.broker.waitingIn('q'), 0);
});

test('what waited dies with RabbitMQ, and so do the queues until their consumers are back', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  const gone = b.member('b', [own('q')]);
  b.at(1);
  gone.process.die();
  gone.bus.close();
  b.at(2);
  send('q', 1);
  b.at(3);
  t.is(b.broker.waitingIn('q'), 1);
  b.broker.die();
  b.at(4).broker.start();
  b.at(30);
  t.is(b.broker.waitingIn('q'), undefined);
  b.member('b', [own('q')]);
  b.at(31);
  t.deepEqual(
    b.lines.filter(line => line.includes('gets')),
    [],
  );
});

test('without RabbitMQ a daemon dials after 1 s and then 2, 4, 6, … s apart, never more than 32', t => {
  const b = new Bench();
  b.member('a', []);
  b.at(10);
  b.broker.die();
  b.at(330);
  const dials = b.lines.filter(line => line.includes('dials')).map(line => Number(line.split(' ')[0]));
  t.deepEqual(dials.slice(1), [11, 13, 17, 23, 31, 41, 53, 67, 83, 101, 121, 143, 167, 193, 221, 251, 283, 315]);
  t.deepEqual(b.announced, ['0.000 bus connected: a d', '10.000 bus lost: a d closed by peer']);
});

test('what it is to send meanwhile is sent when it is connected again', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  b.member('b', [own('q')]);
  b.at(10);
  b.broker.die();
  b.at(12);
  send('q', 1);
  b.at(12.5).broker.start();
  b.at(20);
  t.deepEqual(
    b.lines.filter(line => line.includes('gets')),
    ['13.001 b gets 1 from q'],
  );
});

test('what was not confirmed when the connection broke is sent again', t => {
  const b = new Bench();
  const {send, path} = b.member('a', []);
  b.member('b', [own('q')]);
  b.at(10);
  path.cut();
  send('q', 1);
  b.at(11);
  path.reset();
  path.mend();
  b.at(13);
  t.deepEqual(
    b.lines.filter(line => line.includes('gets')),
    ['12.001 b gets 1 from q'],
  );
});

test('an attempt that nothing comes back to is given up after 5 s', t => {
  const b = new Bench();
  const {path} = b.member('a', []);
  b.at(10);
  path.cut();
  path.reset();
  b.at(30);
  const dials = b.lines.filter(line => line.includes('dials')).map(line => Number(line.split(' ')[0]));
  t.deepEqual(dials.slice(1), [11, 18, 27]);
});

// RabbitMQ looks every 30 s whether it has said something since, so up to 60 s may pass between two heartbeats. Given up
// when 120 s without any are over at a look, of which there is one every 10 s.
test('a connection on which nothing is heard is given up 60 to 140 s after the cut', t => {
  for (let cutAt = 31; cutAt < 62; cutAt += 3) {
    const b = new Bench();
    const {path} = b.member('a', []);
    b.at(cutAt);
    path.cut();
    b.at(400);
    const lost = b.ground.journal.entries.find(({kind}) => kind === 'bus lost')!;
    const after = toSeconds(lost.at) - cutAt;
    t.true(after >= 60 && after <= 140, `${after}`);
    t.regex(announcementLine(lost), /too many heartbeats missed/);
  }
});

test('one that is to send something gives up when that is not confirmed for 60 s, or for as long as it may take', t => {
  for (const [patience, expected] of [
    [seconds(30), 40],
    [seconds(3600), 70],
  ] as const) {
    const b = new Bench();
    const {path, send} = b.member('a', []);
    b.at(10);
    path.cut();
    send('q', 1, patience);
    b.at(100);
    t.deepEqual(b.announced.slice(1), [`${expected}.000 bus lost: a d a message was not confirmed`]);
  }
});

// rabbit_heartbeat.erl: between two and three time-outs. What was given to the silent one goes to another then.
test('RabbitMQ gives a silent client up after 120 to 180 s, and what it was given goes to others', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  const silent = b.member('b', [own('q')]);
  b.at(70);
  silent.path.cut();
  send('q', 1);
  b.member('c', [own('q')]);
  b.at(300);
  const [got] = b.lines.filter(line => line.includes('gets'));
  t.regex(got, /c gets 1 from q/);
  const after = Number(got.split(' ')[0]) - 70;
  t.true(after >= 110 && after <= 180, `${after}`);
});

test('a hung daemon works off what came meanwhile, in order', t => {
  const b = new Bench();
  const {send} = b.member('a', []);
  const hung = b.member('b', [own('q')]);
  b.at(1);
  hung.process.freeze();
  for (const number of [1, 2, 3]) send('q', number);
  b.at(20);
  t.false(b.lines.some(line => line.includes('gets')));
  hung.process.thaw();
  b.at(21);
  t.deepEqual(
    b.lines.filter(line => line.includes('gets')),
    ['20.000 b gets 1 from q', '20.000 b gets 2 from q', '20.000 b gets 3 from q'],
  );
});
