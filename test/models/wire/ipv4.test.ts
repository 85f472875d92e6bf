import test from 'ava';
import fc from 'fast-check';
import {
  broadcastAddress,
  contains,
  firstHost,
  formatCidr,
  formatIpv4,
  lastHost,
  overlaps,
  parseCidr,
  parseIpv4,
  type Cidr,
} from '../../../models/wire/ipv4.ts';

const anyAddress = fc.nat(0xffff_ffff);
const anyCidr = fc.tuple(anyAddress, fc.nat(32)).map(([address, length]): Cidr => {
  const size = 2 ** (32 - length);
  return {address: Math.floor(address / size) * size, length};
});

test('an address is the same in text and back, above 127.255.255.255 too', t => {
  t.is(formatIpv4(0x0a000264), '10.0.2.100');
  t.is(formatIpv4(0xffffffff), '255.255.255.255');
  t.is(parseIpv4('192.168.60.21'), 0xc0a83c15);
  fc.assert(fc.property(anyAddress, address => parseIpv4(formatIpv4(address)) === address));
});

test('what is not four decimal numbers up to 255 is not an address', t => {
  const wrong = [
    '',
    '10.0.2',
    '10.0.2.1.1',
    '10.0.2.256',
    '10.0.2.-1',
    '10.0.02.1',
    '10.0..1',
    '0x0a.0.2.1',
    '10.0.2.1 ',
  ];
  for (const text of wrong) t.is(parseIpv4(text), undefined, text);
});

test('a network is the same in text and back', t => {
  t.deepEqual(parseCidr('172.16.100.0/24'), {address: 0xac106400, length: 24});
  fc.assert(
    fc.property(anyCidr, cidr => {
      t.deepEqual(parseCidr(formatCidr(cidr)), cidr);
    }),
  );
});

test('a network with host bits set, or without a length up to 32, is not a network', t => {
  const wrong = ['10.0.2.1/24', '128.0.0.0/0', '10.0.0.1/31', '10.0.2.0', '10.0.2.0/', '10.0.2.0/33', '10.0.2.0/-1'];
  for (const text of [...wrong, '10.0.2.0/024', '10.0.2.0/24/1', '/24', '10.0.2/24'])
    t.is(parseCidr(text), undefined, text);
});

test('hosts lie between the address of the network and its broadcast', t => {
  const rows = [
    ['10.0.2.0/24', '10.0.2.1', '10.0.2.254', '10.0.2.255'],
    ['192.168.60.4/30', '192.168.60.5', '192.168.60.6', '192.168.60.7'],
    ['0.0.0.0/0', '0.0.0.1', '255.255.255.254', '255.255.255.255'],
    ['128.0.0.0/1', '128.0.0.1', '255.255.255.254', '255.255.255.255'],
  ];
  for (const [text, first, last, broadcast] of rows) {
    const cidr = parseCidr(text)!;
    t.is(formatIpv4(firstHost(cidr)), first);
    t.is(formatIpv4(lastHost(cidr)), last);
    t.is(formatIpv4(broadcastAddress(cidr)), broadcast);
  }
});

test('all addresses of a /31 and a /32 are hosts', t => {
  const pair = parseCidr('192.168.60.254/31')!;
  t.is(formatIpv4(firstHost(pair)), '192.168.60.254');
  t.is(formatIpv4(lastHost(pair)), '192.168.60.255');
  const single = parseCidr('255.255.255.255/32')!;
  t.is(firstHost(single), 0xffffffff);
  t.is(lastHost(single), 0xffffffff);
});

test('a network contains its addresses and no others', t => {
  const cidr = parseCidr('192.168.60.0/24')!;
  t.true(contains(cidr, parseIpv4('192.168.60.0')!));
  t.true(contains(cidr, parseIpv4('192.168.60.255')!));
  t.false(contains(cidr, parseIpv4('192.168.59.255')!));
  t.false(contains(cidr, parseIpv4('192.168.61.0')!));
  const everything = parseCidr('0.0.0.0/0')!;
  fc.assert(fc.property(anyAddress, address => contains(everything, address)));
  fc.assert(fc.property(anyAddress, anyAddress, (a, b) => contains({address: a, length: 32}, b) === (a === b)));
});

test('a network contains what has the same prefix', t => {
  const prefix = (address: number, length: number) => address.toString(2).padStart(32, '0').slice(0, length);
  fc.assert(
    fc.property(anyCidr, anyAddress, (cidr, address) => {
      const {length} = cidr;
      t.is(contains(cidr, address), prefix(address, length) === prefix(cidr.address, length));
    }),
  );
});

test('two networks overlap when one holds the other', t => {
  const overlap = (a: string, b: string) => overlaps(parseCidr(a)!, parseCidr(b)!);
  t.true(overlap('10.0.0.0/8', '10.0.2.0/24'));
  t.true(overlap('10.0.2.0/24', '10.0.0.0/8'));
  t.true(overlap('10.0.2.0/24', '10.0.2.0/24'));
  t.true(overlap('0.0.0.0/0', '255.255.255.255/32'));
  t.false(overlap('10.0.2.0/24', '10.0.3.0/24'));
  t.false(overlap('10.0.2.4/32', '10.0.2.5/32'));
  fc.assert(
    fc.property(anyCidr, anyCidr, (a, b) => {
      t.is(overlaps(a, b), overlaps(b, a));
      t.is(overlaps(a, b), a.length <= b.length ? contains(a, b.address) : contains(b, a.address));
    }),
  );
});
