import {milliseconds, seconds} from '../../../engine/time.ts';
import type {NeighbourState} from '../../../models/protocols/neighbour.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {grouped, readMeasured} from './measured.ts';
import {dead, searchInVain} from './search.ts';
import {tcpEnd, tcpTalk} from './tcp-talk.ts';

const peer = '10.0.0.2';

/** What entries of a neighbour table go through. */
export function neighbourCourses(seeds: number): Table {
  const unresolved = eachSeed(seeds, lan => [searchInVain(lan)]);
  const measured = readMeasured('a1_unresolved');
  const dying = eachSeed(seeds, streamToNobody);
  const living = eachSeed(Math.min(seeds, 20), streamToSomebody);
  return {
    title: 'Neighbour entries: what happens',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(
        ['ARP requests of a cycle'],
        measured.length,
        measured[0]['n_req'],
        unresolved.map(({requests}) => `${requests.length}`),
      ),
      exactRow(
        ['all of them broadcast'],
        measured.length,
        measured[0]['all_bcast'],
        unresolved.map(({broadcast}) => (broadcast ? 'True' : 'False')),
      ),
      exactRow(
        ['what the socket gets'],
        measured.length,
        measured[0]['error'],
        unresolved.map(({reason}) => (reason === 'neighbour unreachable' ? 'EHOSTUNREACH' : reason)),
      ),
      exactRow(
        ['a stream to a dead address: the next packet begins another cycle'],
        1,
        '3 broadcast requests, again and again',
        dying.map(({cycles}) => cycles),
      ),
      exactRow(
        ['each cycle drops its own queue'],
        1,
        'each when it fails',
        dying.map(({drops}) => drops),
      ),
      exactRow(
        ['50 s of a busy TCP connection: ARP requests of who is acknowledged'],
        1,
        '0',
        eachSeed(Math.min(seeds, 20), lan => [`${askedByTcp(lan)}`]),
      ),
      exactRow(
        ['with traffic: states in turn'],
        81,
        'REACHABLE → STALE → DELAY → PROBE → REACHABLE',
        living.map(({course}) => course),
      ),
      exactRow(
        ['with traffic: packets lost on the way, 300 s'],
        1,
        '0',
        living.map(({lost}) => `${lost}`),
      ),
    ],
  };
}

/** A packet each 100 ms to an address that nobody has, for three cycles. */
function streamToNobody(lan: Lan) {
  const {namespace} = lan.host('a', '10.0.0.1/24');
  const sent: number[] = [];
  for (let at = 0; at < seconds(10); at += milliseconds(100)) {
    lan.until(at);
    sent.push(lan.udp(namespace, dead));
  }
  const requests = lan.requests('a eth0');
  const begins = requests.filter((_, index) => index % 3 === 0).map(({at}) => at);
  // A cycle begins with a packet, and a cycle's requests are a second apart.
  const isCycle = begins.every(
    (at, cycle) => at % milliseconds(100) === 0 && (cycle === 0 || at - begins[cycle - 1] < seconds(3.2)),
  );
  const groups = grouped(lan.fates, ({at}) => at);
  const drops = [...groups].map(([at, fates]) => ({at, count: fates.length}));
  const whole = drops.every(({at, count}, cycle) => count === Math.floor((at - begins[cycle]) / milliseconds(100)) + 1);
  return [
    {
      cycles: isCycle && begins.length > 2 ? '3 broadcast requests, again and again' : `${requests.length} requests`,
      drops: whole && drops.length > 2 ? 'each when it fails' : drops.map(({count}) => count).join(' '),
    },
  ];
}

/** ARP requests of the client in 50 s of a connection that has begun. */
function askedByTcp(lan: Lan): number {
  const [from, server] = [lan.machine('a', '10.0.0.1/24'), lan.machine('b', `${peer}/24`)].map(member =>
    tcpEnd(lan, member),
  );
  const talk = tcpTalk(lan, {
    from,
    servers: [server],
    destination: ip(peer),
    pattern: 'upload',
    every: milliseconds(50),
  });
  lan.pass(seconds(5));
  const before = lan.requests('a eth0').length;
  lan.pass(seconds(50));
  if (talk.result().delivered < 1000) throw new Error('the connection is not busy');
  return lan.requests('a eth0').length - before;
}

function streamToSomebody(lan: Lan) {
  const {namespace, device} = lan.host('a', '10.0.0.1/24');
  lan.host('b', `${peer}/24`);
  const states: NeighbourState[] = [];
  const sent: number[] = [];
  const note = (): void => {
    const state = device.neighbour(ip(peer))?.state ?? 'none';
    if (state !== states.at(-1)) states.push(state);
  };
  for (let at = 0; at < seconds(300); at += milliseconds(250)) {
    while (device.wakeAt < at) {
      lan.until(device.wakeAt);
      // What is due now is done, and what follows from it at the same instant is not yet.
      lan.ground.engine.advance(lan.now + 1, 1);
      note();
    }
    lan.until(at);
    sent.push(lan.udp(namespace, peer));
    note();
  }
  const [, first, ...round] = states;
  const courses = new Set(
    round
      .join(' ')
      .split(/(?<=reachable) /)
      .filter(text => text.endsWith('reachable')),
  );
  return [
    {
      course: [...courses].map(text => `${first} ${text}`.toUpperCase().replaceAll(' ', ' → ')).join(', '),
      lost: sent.length - lan.arrivals.filter(number => sent.includes(number)).length,
    },
  ];
}
