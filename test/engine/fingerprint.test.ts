import test from 'ava';
import {createHash} from 'node:crypto';
import {Fingerprint} from '../../engine/fingerprint.ts';

const fingerprintOf = (...lines: readonly string[]): string => {
  const fingerprint = new Fingerprint();
  for (const line of lines) fingerprint.add(line);
  return fingerprint.digest();
};

test('a fingerprint is the beginning of the SHA-256 of the lines', t => {
  const whole = createHash('sha256').update('one\ntwo ü\n').digest('hex');
  t.is(fingerprintOf('one', 'two ü'), whole.slice(0, 16));
  t.is(fingerprintOf(), 'e3b0c44298fc1c14');
});

test('the same lines have the same fingerprint, others another', t => {
  t.is(fingerprintOf('a', 'b'), fingerprintOf('a', 'b'));
  const others = [
    fingerprintOf(),
    fingerprintOf(''),
    fingerprintOf('ab'),
    fingerprintOf('b', 'a'),
    fingerprintOf('a', 'b'),
  ];
  t.is(new Set(others).size, others.length);
});

test('nothing can be added to a fingerprint that was taken', t => {
  const fingerprint = new Fingerprint();
  fingerprint.add('a');
  fingerprint.digest();
  t.throws(() => fingerprint.add('b'));
});
