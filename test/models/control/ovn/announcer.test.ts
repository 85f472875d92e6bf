import test from 'ava';
import fc from 'fast-check';
import {never, seconds, toSeconds, type Time} from '../../../../engine/time.ts';
import {Announcer} from '../../../../models/control/ovn/announcer.ts';
import {ip, smallTopology} from '../../../support/small-topology.ts';

const {routers} = smallTopology({gateways: [['gw1'], ['gw1']], vms: [['cn1'], ['cn2']]});

const addresses = {
  a: {router: routers[0], address: ip('10.0.2.100'), mac: 1},
  b: {router: routers[0], address: ip('10.0.2.2'), mac: 1},
  c: {router: routers[1], address: ip('10.0.2.2'), mac: 2},
};

/** An announcer and a clock. What is announced becomes a line: when, which, the how manieth, because of what. */
class Bench {
  readonly announcer = new Announcer();
  readonly lines: string[] = [];
  #now: Time = 0;

  until(time: Time): this {
    while (this.announcer.wakeAt <= time) {
      this.#now = this.announcer.wakeAt;
      for (const {router, address, round, cause} of this.announcer.take(this.#now)) {
        const name = Object.entries(addresses).find(([, at]) => at.router === router && at.address === address)![0];
        this.lines.push(`${toSeconds(this.#now)} ${name} ${round} (${cause})`);
      }
    }
    this.#now = time;
    return this;
  }

  keep(names: string, cause = 1): this {
    this.announcer.keep(list(names), cause, this.#now);
    return this;
  }
}

function list(names: string) {
  return names.split('').map(name => addresses[name as keyof typeof addresses]);
}

test('an address is announced 1, 3, 7, 15 and 31 s after its router became active, and no more', t => {
  const b = new Bench().until(seconds(10)).keep('a').until(seconds(1000));
  t.deepEqual(b.lines, ['11 a 1 (1)', '13 a 2 (1)', '17 a 3 (1)', '25 a 4 (1)', '41 a 5 (1)']);
  t.is(b.announcer.wakeAt, never);
});

test('an address that is kept goes on with its schedule, whatever the later reason', t => {
  const b = new Bench().keep('a');
  for (let time = 0; time < seconds(20); time += seconds(0.3)) b.until(time).keep('a', 2);
  t.deepEqual(b.lines, ['1 a 1 (1)', '3 a 2 (1)', '7 a 3 (1)', '15 a 4 (1)']);
});

test('an address that goes is not announced, and begins anew when it comes back', t => {
  const b = new Bench().keep('a').until(seconds(4)).keep('').until(seconds(20)).keep('a', 7).until(seconds(30));
  t.deepEqual(b.lines, ['1 a 1 (1)', '3 a 2 (1)', '21 a 1 (7)', '23 a 2 (7)', '27 a 3 (7)']);
});

test('a claim that flaps every half a second announces nothing until it holds', t => {
  const b = new Bench();
  for (let flap = 0; flap < 6; flap++) b.keep(flap % 2 === 0 ? 'ab' : '', flap).until(seconds(0.5 * (flap + 1)));
  t.deepEqual(b.lines, []);
  b.keep('ab', 9).until(seconds(5));
  t.deepEqual(b.lines, ['4 a 1 (9)', '4 b 1 (9)']);
});

test('an address that comes later has a schedule of its own', t => {
  const b = new Bench().keep('a').until(seconds(2)).keep('ab').until(seconds(7));
  t.deepEqual(b.lines, ['1 a 1 (1)', '3 a 2 (1)', '3 b 1 (1)', '5 b 2 (1)', '7 a 3 (1)']);
});

test('the same address of two routers is announced for both', t => {
  t.deepEqual(new Bench().keep('bc').until(seconds(2)).lines, ['1 b 1 (1)', '1 c 1 (1)']);
});

test('what was announced long ago is not announced again', t => {
  const b = new Bench();
  b.announcer.keepSettled(list('ab'));
  b.until(seconds(100)).keep('ab').until(seconds(200));
  t.deepEqual(b.lines, []);
  b.keep('b').keep('ab').until(seconds(202));
  t.deepEqual(b.lines, ['201 a 1 (1)']);
});

test('the times after the first count from when the one before was really sent', t => {
  const announcer = new Announcer();
  announcer.keep(list('a'), 1, 0);
  t.is(announcer.take(seconds(1.5)).length, 1);
  t.is(announcer.wakeAt, seconds(3.5));
});

test('whatever comes and goes, an address is announced only a second or more after it came, and five times at most', t => {
  const step = fc.record({pass: fc.nat(8_000_000), names: fc.subarray(['a', 'b', 'c'])});
  fc.assert(
    fc.property(fc.array(step, {maxLength: 30}), script => {
      const b = new Bench();
      const since = new Map<string, {time: Time; said: number}>();
      let time = 0;
      for (const {pass, names} of script) {
        b.lines.length = 0;
        b.until((time += pass));
        for (const line of b.lines) {
          const [at, name, round] = line.split(' ');
          const known = since.get(name);
          t.true(known !== undefined && seconds(Number(at)) >= known.time + seconds(1));
          known!.said += 1;
          t.is(Number(round), known!.said);
          t.true(known!.said <= 5);
        }
        b.keep(names.join(''));
        for (const name of since.keys()) if (!names.includes(name)) since.delete(name);
        for (const name of names) if (!since.has(name)) since.set(name, {time, said: 0});
      }
    }),
  );
});
