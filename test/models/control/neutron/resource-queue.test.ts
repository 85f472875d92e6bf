import test from 'ava';
import {ResourceQueue} from '../../../../models/control/neutron/resource-queue.ts';
import {
  fromFullSync,
  fromServer,
  newUpdate,
  type RouterUpdate,
} from '../../../../models/control/neutron/router-updates.ts';

const base = {action: 'update', details: undefined, cause: 0} as const;
const update = (router: number, priority: typeof fromServer | typeof fromFullSync, timestamp: number) =>
  newUpdate({...base, router, priority, timestamp});

/** What a worker gets that need not wait. */
function take(queue: ResourceQueue<RouterUpdate>): number | undefined {
  const taken = queue.take().next();
  return taken.done ? taken.value : undefined;
}

test('what the server tells comes before what a full sync found, and what is older first', t => {
  const queue = new ResourceQueue<RouterUpdate>(({router}) => router);
  queue.add(update(1, fromFullSync, 10));
  queue.add(update(2, fromServer, 30));
  queue.add(update(3, fromServer, 20));
  t.deepEqual([take(queue), take(queue), take(queue)], [3, 2, 1]);
});

test('a router that is in hand is left to the worker that has it', t => {
  const queue = new ResourceQueue<RouterUpdate>(({router}) => router);
  queue.add(update(1, fromServer, 10));
  queue.add(update(1, fromServer, 20));
  t.is(take(queue), 1);
  t.is(queue.nextOf(1)?.timestamp, 10);
  t.is(take(queue), undefined);
  t.is(queue.nextOf(1)?.timestamp, 20);
  t.is(queue.nextOf(1), undefined);
});

test('an update that is older than what is known of the router is dropped', t => {
  const queue = new ResourceQueue<RouterUpdate>(({router}) => router);
  queue.add(update(1, fromServer, 10));
  queue.add(update(1, fromServer, 20));
  t.is(take(queue), 1);
  t.is(queue.nextOf(1)?.timestamp, 10);
  queue.processed(1, 20);
  take(queue);
  t.is(queue.nextOf(1), undefined);
  queue.add(update(1, fromServer, 21));
  t.is(take(queue), 1);
  t.is(queue.nextOf(1)?.timestamp, 21);
});

test('who waits is given what comes', t => {
  const queue = new ResourceQueue<RouterUpdate>(({router}) => router);
  const waiting = queue.take();
  let isWoken = false;
  const {value} = waiting.next();
  (value as (done: () => void) => void)(() => {
    isWoken = true;
  });
  queue.add(update(7, fromServer, 1));
  t.true(isWoken);
  t.deepEqual(waiting.next(), {done: true, value: 7});
});
