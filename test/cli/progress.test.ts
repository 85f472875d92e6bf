import test from 'ava';
import {Progress} from '../../cli/progress.ts';

/** A screen that keeps what is written, and a clock to turn. */
function bench(screen: {isTTY?: boolean; columns?: number}) {
  const written: string[] = [];
  let now = 0;
  const progress = new Progress({...screen, write: text => written.push(text)}, () => now);
  const show = (at: number, done: number): void => {
    now = at;
    progress.show(done, 'ovn-test');
  };
  return {written, show, progress};
}

test('off a terminal short runs say nothing, long ones a plain line every 10 s', t => {
  const {written, show, progress} = bench({});
  show(1000, 0.05);
  show(9_999, 0.1);
  t.deepEqual(written, []);
  show(10_000, 0.1);
  show(15_000, 0.15);
  show(20_000, 0.5);
  progress.end();
  t.deepEqual(written, ['ovn-test   10 %, about 90 s left\n', 'ovn-test   50 %, about 20 s left\n']);
});

test('on a terminal the line is redrawn, and taken away at the end', t => {
  const {written, show, progress} = bench({isTTY: true, columns: 80});
  show(100, 0.01);
  show(250, 0.01);
  show(500, 0.25);
  progress.end();
  t.deepEqual(written, ['\r\x1b[2Kovn-test   1 %', '\r\x1b[2Kovn-test   25 %, about 2 s left', '\r\x1b[2K']);
});

test('the line never fills a narrow terminal, where it could not be redrawn', t => {
  const {written, show} = bench({isTTY: true, columns: 12});
  show(250, 0.5);
  t.is(written[0], '\r\x1b[2Kovn-test   ');
  const unknown = bench({isTTY: true, columns: 0});
  unknown.show(250, 0.5);
  t.is(unknown.written[0], '\r\x1b[2Kovn-test   50 %, about 1 s left');
});

test('long waits are told in minutes, and what is done is not shown', t => {
  const {written, show} = bench({});
  show(10_000, 0.02);
  show(30_000, 1);
  t.deepEqual(written, ['ovn-test   2 %, about 9 min left\n']);
});

test('a run that showed nothing has nothing to take away', t => {
  const {written, progress} = bench({isTTY: true, columns: 80});
  progress.end();
  t.deepEqual(written, []);
});
