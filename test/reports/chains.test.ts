import test from 'ava';
import {ancestorsOf, chainTo, faultBehind} from '../../reports/chains.ts';
import {Story} from '../support/runs.ts';

const numbers = (story: Story, number: number): readonly number[] =>
  chainTo(story.announcements, number).map(announcement => announcement.number);

test('a chain goes from the first cause to the announcement itself', t => {
  const story = new Story();
  const began = story.begins(20);
  const down = story.bfd(23, 'down', began);
  story.bfd(23.1, 'down', began);
  const decided = story.decides(23.2, down);
  t.deepEqual(numbers(story, decided), [began, down, decided]);
});

test('of several parents the latest is followed, however they are listed', t => {
  const story = new Story();
  const armed = story.bfd(1, 'up');
  const began = story.begins(20);
  const down = story.bfd(23, 'down', began, armed);
  const other = story.bfd(23, 'down', armed, began);
  t.deepEqual(numbers(story, down), [began, down]);
  t.deepEqual(numbers(story, other), [began, other]);
});

test('all that led to an announcement are those of every parent, each once', t => {
  const story = new Story();
  const armed = story.bfd(1, 'up');
  const began = story.begins(20);
  story.begins(21, 'other');
  const down = story.bfd(23, 'down', began, armed);
  const decided = story.decides(23.2, down, armed);
  t.deepEqual(
    ancestorsOf(story.announcements, decided).map(({number}) => number),
    [armed, began, down, decided],
  );
});

test('what has no parent is a chain of its own, and number 0 is no chain', t => {
  const story = new Story();
  const up = story.bfd(1, 'up');
  t.deepEqual(numbers(story, up), [up]);
  t.deepEqual(numbers(story, 0), []);
});

test('the fault behind an announcement is the edge at the root of its chain, or none', t => {
  const story = new Story();
  const up = story.bfd(1, 'up');
  const began = story.begins(20);
  const ended = story.ends(30);
  t.is(faultBehind(story.announcements, story.loses(20.1, 0, began)), began);
  t.is(faultBehind(story.announcements, story.loses(30.1, 0, ended)), ended);
  t.is(faultBehind(story.announcements, story.loses(31, 0, up)), undefined);
  t.is(faultBehind(story.announcements, story.loses(32, 0)), undefined);
});
