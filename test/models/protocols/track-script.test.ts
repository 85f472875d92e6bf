import test from 'ava';
import {TrackScript} from '../../../models/protocols/track-script.ts';

function verdicts(rise: number, fall: number, exits: string): string {
  const script = new TrackScript({rise, fall});
  return [...exits].map(exit => script.exited(exit === '+')?.at(0) ?? '.').join('');
}

test('one success is enough at first, whatever rise says', t => {
  t.is(verdicts(3, 1, '+'), 'g');
});

test('a failure at first is bad at once, whatever fall says', t => {
  t.is(verdicts(1, 3, '-'), 'b');
});

test('fall failures in a row are bad, and a success between starts the count anew', t => {
  t.is(verdicts(1, 3, '+--+---'), 'g.....b');
});

test('rise successes in a row are good again, and a failure between starts the count anew', t => {
  t.is(verdicts(3, 1, '+-++-+++'), 'gb.....g');
});

test('more of the same is no news', t => {
  t.is(verdicts(1, 1, '++--++'), 'g.b.g.');
});
