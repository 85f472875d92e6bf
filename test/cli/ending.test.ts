import test from 'ava';
import {endingOf, endingOfStream} from '../../cli/ending.ts';
import {Failure} from '../../cli/failure.ts';

test('what the user can mend is a sentence, with status 2', t => {
  t.deepEqual(endingOf(new Failure('gateway.yaml: is a folder'), '1.2.3'), {
    text: 'gateway.yaml: is a folder\n',
    status: 2,
  });
});

test('our own bug is told with where it was and its stack, with status 3', t => {
  const bug = new Error('flow 3 is said to go on losing, but it loses nothing');
  const {text, status} = endingOf(new Error('ovn-test, seed 7, after 12.500 s:', {cause: bug}), '1.2.3');
  t.is(status, 3);
  t.regex(text, /^This is a bug in Faultline 1\.2\.3\. Please report it/);
  t.regex(text, /\novn-test, seed 7, after 12\.500 s:\nError: flow 3 is said to go on losing.*\n +at /);
});

test('whatever is thrown, the status is 3', t => {
  t.is(endingOf('just text', '1').status, 3);
  t.is(endingOf(undefined, '1').status, 3);
  t.regex(endingOf(new TypeError('x is not a function'), '1').text, /TypeError: x is not a function\n +at /);
});

test('who stops reading has what he wanted: the status is that of the run', t => {
  const error = Object.assign(new Error('write EPIPE'), {code: 'EPIPE'});
  t.deepEqual(endingOfStream(error, 1), {text: '', status: 1});
});

test('output that could not be written is told, with status 2', t => {
  const error = Object.assign(new Error('ENOSPC: no space left'), {code: 'ENOSPC'});
  t.deepEqual(endingOfStream(error, 0), {text: 'the output could not be written: the disk is full\n', status: 2});
});
