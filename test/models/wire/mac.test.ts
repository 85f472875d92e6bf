import test from 'ava';
import fc from 'fast-check';
import {broadcastMac, formatMac, isGroupMac, parseMac} from '../../../models/wire/mac.ts';

test('a MAC address keeps all its 48 bits in text and back', t => {
  t.is(formatMac(0xfa163e000001), 'fa:16:3e:00:00:01');
  t.is(formatMac(1), '00:00:00:00:00:01');
  t.is(formatMac(broadcastMac), 'ff:ff:ff:ff:ff:ff');
  t.is(parseMac('FA:16:3e:00:00:01'), 0xfa163e000001);
  fc.assert(fc.property(fc.nat(broadcastMac), mac => parseMac(formatMac(mac)) === mac));
  t.pass();
});

test('what is not six pairs of digits with colons is not a MAC address', t => {
  const wrong = [
    '',
    'fa:16:3e:00:00',
    'fa:16:3e:00:00:01:02',
    'fa-16-3e-00-00-01',
    'fa:16:3e:0:0:1',
    'ga:16:3e:00:00:01',
  ];
  for (const text of [...wrong, 'fa163e000001', ' fa:16:3e:00:00:01', 'fa:16:3e:00:00:01\n']) {
    t.is(parseMac(text), undefined, text);
  }
});

test('the lowest bit of the first octet tells groups from stations', t => {
  t.true(isGroupMac(broadcastMac));
  t.true(isGroupMac(parseMac('01:00:5e:00:00:12')!));
  t.true(isGroupMac(parseMac('33:33:00:00:00:01')!));
  t.false(isGroupMac(parseMac('fa:16:3e:ff:ff:ff')!));
  t.false(isGroupMac(parseMac('00:ff:ff:ff:ff:ff')!));
  t.false(isGroupMac(0));
});
