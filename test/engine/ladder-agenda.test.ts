import test from 'ava';
import {Chance} from '../../engine/chance.ts';
import {HeapAgenda} from '../../engine/heap-agenda.ts';
import {LadderAgenda} from '../../engine/ladder-agenda.ts';
import {testAgenda} from './agenda-contract.ts';

testAgenda('ladder agenda', () => new LadderAgenda());

// Handfuls that come while thousands of others are due at the same moments: the way a flooded frame arrives everywhere.
test('bursts into a crowded moment come out as the plain heap has them, equal ones in the order in which they came', t => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = new Chance(`bursts ${seed}`).sequence('luck');
    const whole = (most: number): number => Math.floor(next() * most);
    const [ladder, heap] = [new LadderAgenda(), new HeapAgenda()];
    let made = 0;
    const add = (at: number): void => {
      const appointment = {at, receiver: whole(40), sender: whole(3), number: whole(3), message: made++, cause: 0};
      ladder.add(appointment);
      heap.add(appointment);
    };
    for (let i = 0; i < 5_000; i++) add(100 + whole(20));
    for (let count = 0; heap.size > 0; count++) {
      const expected = heap.pop();
      const popped = ladder.pop();
      // Each has a message of its own; a hundred thousand assertions would take longer than the agendas.
      if (popped?.message !== expected?.message) {
        t.deepEqual(popped, expected, `seed ${seed}`);
        return;
      }
      if (count > 4_000) continue;
      const burst = [0, 0, 1, 5, 30, 200][whole(6)];
      if (count % 7 === 0) for (let i = 0; i < burst; i++) add(expected!.at + whole(15));
    }
    t.is(ladder.size, 0, `seed ${seed}`);
  }
});
