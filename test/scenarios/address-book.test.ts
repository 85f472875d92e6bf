import test from 'ava';
import {formatIpv4, parseCidr, parseIpv4} from '../../models/wire/ipv4.ts';
import {AddressBook} from '../../scenarios/address-book.ts';

const open = (cidr: string) => new AddressBook('net', parseCidr(cidr)!);
const claim = (book: AddressBook, address: string) => book.claim(parseIpv4(address)!, 'it is mine');
const next = (book: AddressBook) => {
  const address = book.takeNext();
  return address === undefined ? undefined : formatIpv4(address);
};

test('VMs begin at the 11th host and go round', t => {
  const book = open('10.0.0.0/28');
  const given = Array.from({length: 15}, () => next(book));
  t.deepEqual(given.slice(0, 6), ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14', '10.0.0.1', '10.0.0.2']);
  t.is(given[13], '10.0.0.10');
  t.is(given[14], undefined);
});

test('a network with fewer than eleven hosts begins at its first', t => {
  const book = open('10.0.0.4/30');
  t.deepEqual([next(book), next(book), next(book)], ['10.0.0.5', '10.0.0.6', undefined]);
});

test('an address that is claimed is not given away', t => {
  const book = open('10.0.0.0/24');
  t.is(claim(book, '10.0.0.11'), undefined);
  t.is(next(book), '10.0.0.12');
  t.is(claim(book, '10.0.0.11'), '10.0.0.11 is taken: it is mine');
});

test('hosts take from the other end', t => {
  const book = open('10.0.0.0/24');
  claim(book, '10.0.0.254');
  t.is(formatIpv4(book.takeLast('it is yours')!), '10.0.0.253');
  t.is(formatIpv4(book.takeLast('it is yours')!), '10.0.0.252');
});

test('an address outside, of the network and of everyone is refused', t => {
  const book = open('10.0.0.0/24');
  t.is(claim(book, '10.0.1.1'), '10.0.1.1 is not in net (10.0.0.0/24)');
  t.is(claim(book, '10.0.0.0'), '10.0.0.0 is the network address of net (10.0.0.0/24)');
  t.is(claim(book, '10.0.0.255'), '10.0.0.255 is the broadcast address of net (10.0.0.0/24)');
});
