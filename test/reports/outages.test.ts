import test from 'ava';
import {seconds} from '../../engine/time.ts';
import {findOutages} from '../../reports/outages.ts';
import {Story} from '../support/runs.ts';

test('an outage reaches from its first lost packet to the next delivered one', t => {
  const story = new Story();
  const began = story.begins(20);
  const lost = story.loses(20.5, 0, began);
  const restored = story.restores(23, 0, 250, began);
  t.deepEqual(findOutages(story.result([{lost: 250}])), [
    {
      ...{flow: 0, startAt: seconds(20.5), endAt: seconds(23), lost: 250, reason: 'no carrier', place: 'gw1 underlay'},
      ...{edge: began, begun: lost, restored},
    },
  ]);
});

test('a flow that never came back has an open end and lost all that no other outage accounts for', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  story.restores(23, 0, 250, began);
  story.loses(30, 0, began);
  const [first, second] = findOutages(story.result([{lost: 3250}]));
  t.is(first.endAt, seconds(23));
  t.like(second, {endAt: undefined, restored: undefined, lost: 3000});
});

test('packets that random loss took before are no part of an outage that never ended', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 0, began);
  const [outage] = findOutages(story.result([{lost: 107, scattered: [{cause: 0, packets: 7}]}]));
  t.is(outage.lost, 100);
});

test('outages are listed in the order in which they began, flows by number where that is equal', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.5, 1, began);
  story.loses(20.5, 0, began);
  story.loses(20.4, 2, began);
  story.restores(23, 1, 5, began);
  story.restores(22, 0, 5, began);
  const flows = findOutages(story.result([{lost: 5}, {lost: 5}, {lost: 5}])).map(({flow}) => flow);
  t.deepEqual(flows, [2, 0, 1]);
});

test('a flow may have several outages, of several edges', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.1, 0, began);
  story.restores(23, 0, 290, began);
  const ended = story.ends(40);
  const down = story.bfd(40.5, 'down', ended);
  story.loses(40.6, 0, down);
  story.restores(41, 0, 40, ended);
  t.deepEqual(
    findOutages(story.result([{lost: 330}])).map(({edge, lost}) => [edge, lost]),
    [
      [began, 290],
      [ended, 40],
    ],
  );
});

test('an outage belongs to the edge whose consequence dropped its first packet, though another came between', t => {
  const story = new Story();
  const first = story.begins(20, 'underlay');
  story.begins(21, 'database');
  const down = story.bfd(23, 'down', first);
  story.loses(23.1, 0, down);
  story.restores(24, 0, 90, down);
  t.is(findOutages(story.result([{lost: 90}]))[0].edge, first);
});

test('without a chain an outage is put down to the last edge before its first packet was sent', t => {
  const story = new Story();
  const first = story.begins(20);
  const sentAt = {since: seconds(20.5), reason: 'late', place: 'vm1'} as const;
  story.begins(21, 'later');
  story.announce(22.5, 'flow lost', {flow: 0, ...sentAt});
  t.is(findOutages(story.result([{lost: 1}]))[0].edge, first);
});

test('without a chain, a packet that was on its way when the first edge struck is put down to that', t => {
  const story = new Story();
  const first = story.begins(20);
  story.announce(20.001, 'flow lost', {flow: 0, since: seconds(19.9999), reason: 'no carrier', place: 'gw1'});
  t.is(findOutages(story.result([{lost: 1}]))[0].edge, first);
});

test('an outage before any fault belongs to none', t => {
  const story = new Story();
  story.loses(1, 0);
  story.restores(1.1, 0, 1);
  story.begins(20);
  t.is(findOutages(story.result([{lost: 1}]))[0].edge, undefined);
});

test('where nothing was lost there is no outage', t => {
  const story = new Story();
  story.begins(20);
  t.deepEqual(findOutages(story.result([{}])), []);
});
