import test from 'ava';
import {milliseconds, never, seconds, toSeconds, type Time} from '../../../engine/time.ts';
import {TcpSocket, type TcpSegment} from '../../../models/protocols/tcp-socket.ts';

/** A socket whose surroundings write down what it says and is told. */
class Bench {
  now: Time = 0;
  readonly said: string[] = [];
  readonly told: string[] = [];
  readonly socket: TcpSocket;
  last: TcpSegment | undefined;

  constructor(initial = 1000) {
    this.socket = new TcpSocket(
      {
        transmit: (segment, confirms) => {
          this.last = segment;
          this.said.push(`${toSeconds(this.now).toFixed(1)} ${describe(segment)}${confirms ? ' confirms' : ''}`);
        },
        opened: () => this.told.push('opened'),
        deliver: tag => this.told.push(`got ${tag}`),
        finished: () => this.told.push('finished'),
        ended: why => this.told.push(why),
      },
      0,
      initial,
      1460,
    );
  }

  hear(segment: Partial<TcpSegment>): void {
    const blank = {syn: false, fin: false, rst: false, size: 0, tag: -1, segmentSize: undefined};
    this.socket.receive({...blank, sequence: 0, acknowledgement: 0, ...segment}, this.now);
  }

  /** Lets time pass, with every alarm at its moment. */
  pass(until: Time): void {
    while (this.socket.wakeAt <= until) {
      this.now = this.socket.wakeAt;
      this.socket.wake(this.now);
    }
    this.now = until;
  }

  /** A client that has just been answered, a round trip of 1 ms ago. */
  open(): void {
    this.socket.connect(this.now);
    this.now += milliseconds(1);
    this.hear({syn: true, sequence: 5000, acknowledgement: 1001, segmentSize: 1460});
    this.said.length = 0;
  }
}

function describe({syn, fin, rst, size, sequence, acknowledgement}: TcpSegment): string {
  const flags = [syn && 'SYN', fin && 'FIN', rst && 'RST'].filter(Boolean).join(' ');
  return `${flags} ${sequence}+${size} ack ${acknowledgement ?? '–'}`.trim();
}

const secondsOf = (said: readonly string[]): readonly number[] => said.map(line => Number(line.split(' ')[0]));

test('a SYN that nobody answers is sent each second, then at doubling distances, and given up after 131 s', t => {
  const bench = new Bench();
  bench.socket.connect(0);
  bench.pass(seconds(125));
  const nominal = [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67];
  t.is(bench.said.length, nominal.length);
  // The kernel's timers ring late by up to an eighth of their length, those of 16 s and more by 2 s.
  for (const [index, at] of secondsOf(bench.said).entries()) {
    t.true(at >= nominal[index] && at <= nominal[index] * 1.06 + 0.2, `${index}: ${at}`);
  }
  t.deepEqual(bench.told, []);
  bench.pass(seconds(150));
  t.deepEqual(bench.told, ['timed out']);
  t.is(bench.socket.wakeAt, never);
});

test('a reset while connecting is a refusal, but not one for another connection', t => {
  const bench = new Bench();
  bench.socket.connect(0);
  bench.hear({rst: true, acknowledgement: 77});
  t.deepEqual(bench.told, []);
  bench.hear({rst: true, acknowledgement: 1001});
  t.deepEqual(bench.told, ['refused']);
});

test('an error about the host ends an attempt, and nothing later', t => {
  const bench = new Bench();
  bench.socket.connect(0);
  bench.socket.hearTrouble({kind: 'unreachable'}, 0);
  t.deepEqual(bench.told, ['unreachable']);
  const open = new Bench();
  open.open();
  open.socket.hearTrouble({kind: 'unreachable'}, open.now);
  open.socket.hearTrouble({kind: 'port unreachable'}, open.now);
  t.is(open.socket.phase, 'established');
});

test('without an answer: a probe after 200 ms, and then time-outs that double', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(100, 7, bench.now);
  bench.pass(seconds(14));
  const times = bench.said.map(line => Number(line.split(' ')[0]));
  t.deepEqual(times.slice(0, 7), [0, 0.2, 0.4, 0.8, 1.7, 3.3, 6.7]);
  t.true(bench.said.every(line => line.includes('1001+100')));
});

test('after 15 minutes without an answer a connection is given up', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(100, 7, bench.now);
  bench.pass(seconds(900));
  t.false(bench.told.includes('timed out'));
  bench.pass(seconds(1100));
  t.true(bench.told.includes('timed out'));
});

test('an acknowledgement of something new confirms the neighbour with the next packet, once', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(100, 1, bench.now);
  bench.hear({sequence: 5001, acknowledgement: 1101});
  bench.socket.send(100, 2, bench.now);
  bench.socket.send(100, 3, bench.now);
  t.deepEqual(
    bench.said.map(line => line.endsWith('confirms')),
    [false, true, false],
  );
});

test('what comes early waits for what is missing, and is asked for again', t => {
  const bench = new Bench();
  bench.open();
  bench.hear({sequence: 5101, size: 100, tag: 1, acknowledgement: 1001});
  t.deepEqual(bench.told, ['opened']);
  bench.hear({sequence: 5001, size: 100, tag: 0, acknowledgement: 1001});
  t.deepEqual(bench.told, ['opened', 'got 0', 'got 1']);
  t.deepEqual(
    bench.said.map(line => line.split('ack ')[1]),
    ['5001', '5201'],
  );
});

test('a duplicate acknowledgement long after the first packet proves it lost', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(100, 1, bench.now);
  bench.now += milliseconds(10);
  bench.socket.send(100, 2, bench.now);
  bench.now += milliseconds(1);
  bench.hear({sequence: 5001, acknowledgement: 1001});
  t.is(bench.said.length, 3);
  t.true(bench.said[2].includes('1001+100'));
  bench.hear({sequence: 5001, acknowledgement: 1201});
  t.is(bench.socket.wakeAt, never);
});

test('who answers lets the answer carry the acknowledgement; who asks again soon does so too, else after 40 ms', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(10, 0, bench.now);
  bench.hear({sequence: 5001, size: 10, tag: 0, acknowledgement: 1011});
  bench.socket.send(10, 1, bench.now);
  bench.said.length = 0;
  bench.hear({sequence: 5011, size: 10, tag: 1, acknowledgement: 1021});
  t.deepEqual(bench.said, []);
  t.is(bench.socket.wakeAt, bench.now + milliseconds(40));
  bench.pass(bench.now + milliseconds(50));
  t.is(bench.said.length, 1);
});

test('a smaller MTU on the way makes smaller packets, and what was under way is sent again', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.send(1460, 0, bench.now);
  bench.socket.hearTrouble({kind: 'too big', mtu: 1450}, bench.now);
  t.is(bench.socket.segmentSize, 1410);
  t.is(bench.said.length, 2);
});

test('a connection is closed from both ends', t => {
  const bench = new Bench();
  bench.open();
  bench.socket.close(bench.now);
  t.true(bench.said[0].includes('FIN 1001+0'));
  bench.hear({sequence: 5001, acknowledgement: 1002});
  bench.hear({sequence: 5001, acknowledgement: 1002, fin: true});
  t.deepEqual(bench.told, ['opened', 'closed']);
  t.is(bench.socket.phase, 'time-wait');
});

test('a reset counts only exactly where the next byte would stand', t => {
  const bench = new Bench();
  bench.open();
  bench.hear({rst: true, sequence: 5002});
  t.is(bench.socket.phase, 'established');
  bench.hear({rst: true, sequence: 5001});
  t.deepEqual(bench.told, ['opened', 'reset']);
});
