import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {compareAppointments, type Agenda, type Appointment} from '../../engine/agenda.ts';
import {never} from '../../engine/time.ts';

type Key = {at: number; receiver?: number; sender?: number; number?: number; message?: unknown; cause?: number};

const appointment = ({at, receiver = 0, sender = 0, number = 0, message, cause = 0}: Key): Appointment => ({
  at,
  receiver,
  sender,
  number,
  message,
  cause,
});

/** Registers what every agenda must do, whatever it is made of. */
export function testAgenda(name: string, make: () => Agenda): void {
  const agendaTest = (title: string, body: (t: ExecutionContext, agenda: Agenda) => void): void => {
    test(`${name}: ${title}`, t => {
      body(t, make());
    });
  };

  agendaTest('an empty agenda has nothing to hand out', (t, agenda) => {
    t.is(agenda.size, 0);
    t.is(agenda.nextAt, never);
    t.is(agenda.pop(), undefined);
    t.is(agenda.nextAt, never);
  });

  agendaTest('an appointment comes back with everything that it had', (t, agenda) => {
    const message = {of: 'some kind'};
    const given = appointment({
      at: 2 ** 53 - 1,
      receiver: 2 ** 31 - 1,
      sender: -1,
      number: 2 ** 52,
      message,
      cause: 77,
    });
    agenda.add(given);
    const taken = agenda.pop();
    t.deepEqual(taken, given);
    t.is(taken?.message, message);
  });

  agendaTest('time decides first, then receiver, then sender, then the number of the sender', (t, agenda) => {
    const inOrder = [
      appointment({at: 1, receiver: 9, sender: 9, number: 9}),
      appointment({at: 2, receiver: 1, sender: 9, number: 9}),
      appointment({at: 2, receiver: 2, sender: -1, number: 9}),
      appointment({at: 2, receiver: 2, sender: 1, number: 9}),
      appointment({at: 2, receiver: 2, sender: 2, number: 1}),
      appointment({at: 2, receiver: 2, sender: 2, number: 2}),
      appointment({at: 300, receiver: 0}),
      appointment({at: 70_000, receiver: 0}),
      appointment({at: 20_000_000, receiver: 0}),
      appointment({at: 2 ** 40, receiver: 0}),
    ];
    for (const index of [3, 9, 0, 7, 5, 1, 8, 2, 6, 4]) agenda.add(inOrder[index]);
    t.deepEqual(drain(agenda), inOrder);
  });

  agendaTest('appointments equal in all four come in the order in which they were added', (t, agenda) => {
    const count = 300;
    for (let i = 0; i < count; i++) agenda.add(appointment({at: 5, receiver: i % 3, message: i}));
    for (let receiver = 0; receiver < 3; receiver++) {
      for (let i = receiver; i < count; i += 3) t.is(agenda.pop()?.message, i);
    }
  });

  agendaTest('size counts what is pending', (t, agenda) => {
    for (let i = 0; i < 1000; i++) agenda.add(appointment({at: (i * 7919) % 1013, number: i}));
    t.is(agenda.size, 1000);
    for (let i = 0; i < 400; i++) agenda.pop();
    t.is(agenda.size, 600);
    agenda.add(appointment({at: 100_000}));
    t.is(agenda.size, 601);
    t.is(drain(agenda).length, 601);
    t.is(agenda.size, 0);
  });

  agendaTest('nextAt is the time of what pop would return, and asking changes nothing', (t, agenda) => {
    for (const at of [50, 10, 1_000_000, 10, 400]) agenda.add(appointment({at}));
    for (const at of [10, 10, 50, 400, 1_000_000]) {
      t.is(agenda.nextAt, at);
      t.is(agenda.nextAt, at);
      t.is(agenda.pop()?.at, at);
    }
    t.is(agenda.nextAt, never);
  });

  agendaTest('what is added after asking for the next time may come before it', (t, agenda) => {
    agenda.add(appointment({at: 3}));
    agenda.add(appointment({at: 1_000_000}));
    agenda.pop();
    t.is(agenda.nextAt, 1_000_000);
    agenda.add(appointment({at: 999_999}));
    t.is(agenda.nextAt, 999_999);
    agenda.add(appointment({at: 3, receiver: 1}));
    agenda.add(appointment({at: 70_000}));
    t.deepEqual(times(drain(agenda)), [3, 70_000, 999_999, 1_000_000]);
  });

  agendaTest('what is added during an instant for that instant comes after what was handed out', (t, agenda) => {
    for (const receiver of [1, 3, 5]) agenda.add(appointment({at: 7, receiver}));
    agenda.add(appointment({at: 8, receiver: 0}));
    t.is(agenda.pop()?.receiver, 1);
    t.is(agenda.pop()?.receiver, 3);
    for (const receiver of [4, 0, 6, 2]) agenda.add(appointment({at: 7, receiver}));
    t.is(agenda.nextAt, 7);
    t.deepEqual(receivers(drain(agenda)), [0, 2, 4, 5, 6, 0]);
  });

  agendaTest('an instant can go on after everything in it was handed out', (t, agenda) => {
    agenda.add(appointment({at: 7, receiver: 4}));
    agenda.pop();
    for (let receiver = 3; receiver >= 0; receiver--) {
      agenda.add(appointment({at: 7, receiver}));
      t.is(agenda.nextAt, 7);
      t.is(agenda.pop()?.receiver, receiver);
    }
    t.is(agenda.nextAt, never);
  });

  agendaTest('thousands at one instant come in order', (t, agenda) => {
    const count = 10_000;
    const given: Appointment[] = [];
    for (let i = 0; i < count; i++) {
      given.push(appointment({at: 1_000, receiver: (i * 7919) % 101, sender: (i * 31) % 17, number: i}));
    }
    for (const one of given) agenda.add(one);
    t.deepEqual(drain(agenda), given.toSorted(compareAppointments));
  });

  agendaTest('thousands at one instant may each ask for more in the same instant', (t, agenda) => {
    const count = 5_000;
    for (let i = 0; i < count; i++) agenda.add(appointment({at: 1_000, receiver: 2 * i}));
    const seen: number[] = [];
    for (let next = agenda.pop(); next; next = agenda.pop()) {
      seen.push(next.receiver);
      const receiver = (next.receiver * 7919) % (2 * count);
      if (next.sender === 0) agenda.add(appointment({at: 1_000, receiver, sender: 1, number: next.receiver}));
    }
    t.is(seen.length, 2 * count);
    t.is(agenda.size, 0);
    const lateOnes = seen.length - new Set(seen).size;
    t.true(lateOnes > 0);
  });

  agendaTest('the past is refused', (t, agenda) => {
    t.throws(() => {
      agenda.add(appointment({at: -1}));
    });
    agenda.add(appointment({at: 100}));
    agenda.add(appointment({at: 200}));
    agenda.pop();
    t.is(agenda.nextAt, 200);
    t.throws(
      () => {
        agenda.add(appointment({at: 99}));
      },
      {message: /before 100/},
    );
    agenda.add(appointment({at: 100}));
    t.deepEqual(times(drain(agenda)), [100, 200]);
  });

  agendaTest('a time that is no whole number of microseconds is refused, never too', (t, agenda) => {
    for (const at of [0.5, NaN, never, -never, 2 ** 53]) {
      t.throws(
        () => {
          agenda.add(appointment({at}));
        },
        undefined,
        `${at}`,
      );
    }
    t.is(agenda.size, 0);
    t.is(agenda.nextAt, never);
  });

  agendaTest('a quiet spell and then a crowd within it', (t, agenda) => {
    const added: Appointment[] = [];
    const add = (key: Key): void => {
      added.push(appointment(key));
      agenda.add(added[added.length - 1]);
    };
    for (let i = 0; i < 20; i++) add({at: 2 ** 40 + i * 1_000_003, receiver: i});
    t.is(agenda.nextAt, 2 ** 40);
    for (let i = 0; i < 3_000; i++) add({at: 1_000 + ((i * 7919) % 1_000) * 1_000, number: i});
    t.is(agenda.nextAt, 1_000);
    for (let i = 0; i < 3_000; i++) add({at: 500 + ((i * 31) % 7) * 2 ** 20, sender: 1, number: i});
    t.deepEqual(drain(agenda), added.toSorted(compareAppointments));
  });

  agendaTest('what is asked for bit by bit during a quiet spell that has begun', (t, agenda) => {
    const added: Appointment[] = [];
    const taken: (Appointment | undefined)[] = [];
    const add = (key: Key): void => {
      added.push(appointment(key));
      agenda.add(added[added.length - 1]);
    };
    for (let i = 0; i < 20; i++) add({at: 17_000_000 + i * 800_000, receiver: i});
    taken.push(agenda.pop());
    for (let i = 0; i < 2_000; i++) {
      add({at: 17_000_000 + ((i * 7919) % 2_000) * 5_000, sender: 1, number: i});
      if (i >= 200 && i % 100 === 0) t.is(agenda.nextAt, 17_000_000);
    }
    taken.push(...drain(agenda));
    t.deepEqual(taken, added.toSorted(compareAppointments));
  });

  agendaTest('a crowd in the gap before a far crowd that was already looked at', (t, agenda) => {
    const added: Appointment[] = [];
    const add = (key: Key): void => {
      added.push(appointment(key));
      agenda.add(added[added.length - 1]);
    };
    add({at: 100});
    for (let i = 0; i < 2_000; i++) add({at: 1_000_000 + ((i * 7919) % 2_000) * 50, number: i});
    t.is(agenda.pop()?.at, 100);
    t.is(agenda.nextAt, 1_000_000);
    for (let i = 0; i < 1_000; i++) add({at: 150 + ((i * 31) % 1_000) * 999, sender: 1, number: i});
    t.is(agenda.nextAt, 150);
    t.deepEqual(drain(agenda), added.toSorted(compareAppointments).slice(1));
  });

  agendaTest('any interleaving hands out what a sorted array would', t => {
    const spans = fc.oneof(
      fc.nat(3),
      fc.nat(300),
      fc.nat(70_000),
      fc.nat(2 ** 25),
      fc.maxSafeNat().map(span => Math.floor(span / 2 ** 13)),
    );
    const some = fc.record({
      span: spans,
      receiver: fc.nat(3),
      sender: fc.integer({min: -1, max: 2}),
      number: fc.nat(2),
    });
    const crowd = fc.record({
      crowd: fc.integer({min: 2, max: 400}),
      span: spans,
      step: fc.constantFrom(0, 1, 100, 65_536),
    });
    const steps = fc.oneof(
      {weight: 6, arbitrary: some},
      {weight: 1, arbitrary: crowd},
      {weight: 4, arbitrary: fc.record({pops: fc.integer({min: 1, max: 40})})},
      {weight: 1, arbitrary: fc.constant('look' as const)},
    );
    fc.assert(
      fc.property(fc.array(steps, {maxLength: 80, size: 'max'}), script => {
        const agenda = make();
        const model = new SortedArray();
        let message = 0;
        const add = (at: number, receiver: number, sender: number, number: number): void => {
          const one = appointment({at, receiver, sender, number, message: message++});
          agenda.add(one);
          model.add(one);
        };
        for (const step of script) {
          if (step === 'look') {
            if (agenda.nextAt !== model.nextAt) return false;
          } else if ('pops' in step) {
            for (let i = 0; i < step.pops; i++) if (!isSame(agenda.pop(), model.pop())) return false;
          } else if ('crowd' in step) {
            for (let i = 0; i < step.crowd; i++) {
              add(model.last + step.span + ((i * 7919) % step.crowd) * step.step, i % 5, 0, i);
            }
          } else {
            add(model.last + step.span, step.receiver, step.sender, step.number);
          }
          if (agenda.size !== model.size) return false;
        }
        while (model.size > 0) {
          if (agenda.nextAt !== model.nextAt || !isSame(agenda.pop(), model.pop())) return false;
        }
        return agenda.pop() === undefined && agenda.size === 0;
      }),
      {numRuns: 400},
    );
    t.pass();
  });
}

/** The plainest agenda: after those that come no later, before those that come later. */
class SortedArray implements Agenda {
  last = 0;
  readonly #pending: Appointment[] = [];

  get size(): number {
    return this.#pending.length;
  }

  get nextAt(): number {
    return this.#pending[0]?.at ?? never;
  }

  add(one: Appointment): void {
    const place = this.#pending.findIndex(other => compareAppointments(other, one) > 0);
    this.#pending.splice(place === -1 ? this.#pending.length : place, 0, one);
  }

  pop(): Appointment | undefined {
    const next = this.#pending.shift();
    if (next) this.last = next.at;
    return next;
  }
}

/** Messages are numbered as they are added, so equal messages are the same appointment. */
const isSame = (a: Appointment | undefined, b: Appointment | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.message === b.message && compareAppointments(a, b) === 0);

function drain(agenda: Agenda): Appointment[] {
  const all: Appointment[] = [];
  for (let next = agenda.pop(); next; next = agenda.pop()) all.push(next);
  return all;
}

const times = (all: readonly Appointment[]): number[] => all.map(one => one.at);
const receivers = (all: readonly Appointment[]): number[] => all.map(one => one.receiver);
