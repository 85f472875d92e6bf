import test from 'ava';
import {never, seconds, type Time} from '../../../engine/time.ts';
import {DhcpClient} from '../../../models/protocols/dhcp-client.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import type {Dhcp} from '../../../models/wire/dhcp.ts';

const mac = 0xfa163e000001;
const server = 0x0a000002;
const address = 0x0a00000b;

/** A client whose luck is always the middle, so that nothing comes earlier or later; and what it says and does. */
function makeClient(luck = 0.5) {
  const said: string[] = [];
  let last: Dhcp | undefined;
  const client = new DhcpClient(
    {mac, clientId: 'ff:00', draw: () => luck},
    {
      send: (message, to) => {
        last = message;
        const {messageType, requestedAddress, serverId, clientAddress} = message;
        const words = [
          messageType,
          clientAddress === 0 ? '' : `from ${formatIpv4(clientAddress)}`,
          requestedAddress === undefined ? '' : `for ${formatIpv4(requestedAddress)}`,
          serverId === undefined ? '' : `of ${formatIpv4(serverId)}`,
          to === 'everybody' ? 'to everybody' : `to ${formatIpv4(to)}`,
        ];
        said.push(words.filter(Boolean).join(' '));
      },
      bound: (lease, again) => said.push(`${again ? 'keeps' : 'has'} ${formatIpv4(lease.address)}`),
      lost: (lease, why) => said.push(`lost ${formatIpv4(lease.address)}: ${why}`),
    },
  );
  const answer = (messageType: Dhcp['messageType'], now: Time, options: Partial<Dhcp> = {}): void => {
    if (!last) throw new Error('nobody asked');
    const given = messageType === 'nak' ? {} : {yourAddress: address, leaseSeconds: 200, subnetMask: 0xffffff00};
    const reply = {...last, operation: 'reply', messageType, clientAddress: 0, requestedAddress: undefined} as const;
    client.hear({...reply, serverId: server, ...given, ...options}, now);
  };
  /** Lets it wake by itself until then, and tells what it did. */
  const until = (end: Time): string[] => {
    while (client.wakeAt <= end) {
      const at = client.wakeAt;
      const before = said.length;
      client.wake(at);
      for (let line = before; line < said.length; line++) said[line] = `${at / seconds(1)}: ${said[line]}`;
    }
    return said.splice(0);
  };
  const getLease = (now: Time): void => {
    client.wake(client.wakeAt);
    answer('offer', now);
    client.wake(client.wakeAt);
    answer('ack', now);
    said.splice(0);
  };
  return {client, answer, until, getLease, said};
}

test('a client without a server asks after 4, 8, 16, 32 and then every 64 seconds', t => {
  const {client, until} = makeClient();
  client.start(0);
  t.deepEqual(until(seconds(200)), [
    '0: discover to everybody',
    '4: discover to everybody',
    '12: discover to everybody',
    '28: discover to everybody',
    '60: discover to everybody',
    '124: discover to everybody',
    '188: discover to everybody',
  ]);
});

test('retransmissions come up to a second earlier or later', t => {
  for (const [luck, second] of [
    [0, 3],
    [0.999_999_9, 4.999_999],
  ] as const) {
    const {client, until} = makeClient(luck);
    client.start(0);
    until(0);
    t.is(client.wakeAt, seconds(second));
  }
});

test('an offer is asked for, and its acknowledgement is the lease', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', seconds(1));
  t.deepEqual(until(seconds(1)), ['1: request for 10.0.0.11 of 10.0.0.2 to everybody']);
  answer('ack', seconds(1));
  t.deepEqual(until(seconds(1)), ['has 10.0.0.11']);
  t.is(client.state, 'bound');
  t.is(client.wakeAt, seconds(1 + 100), 'half of the lease');
});

test('the first of two offers is taken, and the other left', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', 0);
  answer('offer', 0, {serverId: 0x0a000003, yourAddress: 0x0a0000c8});
  t.deepEqual(until(0), ['0: request for 10.0.0.11 of 10.0.0.2 to everybody']);
});

test('what is meant for another, or answers what was not asked, is left', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', 0, {xid: 7});
  answer('offer', 0, {clientMac: 7});
  answer('offer', 0, {leaseSeconds: undefined});
  answer('ack', 0);
  t.is(client.state, 'selecting');
});

test('an offer that is not acknowledged is asked for five times, and then all begins anew', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', 0);
  const asked = until(seconds(126));
  t.deepEqual(
    asked.map(line => line.split(' ')[0]),
    ['0:', '4:', '12:', '28:', '60:', '125:'],
  );
  t.is(asked[5], '125: discover to everybody', 'a second after the last request has gone unanswered');
});

test('a lease is renewed with its server at half of its time', t => {
  const {client, answer, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  t.deepEqual(until(seconds(100)), ['100: request from 10.0.0.11 to 10.0.0.2']);
  answer('ack', seconds(100), {renewalSeconds: 90, rebindingSeconds: 150});
  t.deepEqual(until(seconds(101)), ['keeps 10.0.0.11']);
  t.is(client.wakeAt, seconds(190), 'as the server says');
});

test('without an answer the server is asked again after a minute, then everybody, and then the address is lost', t => {
  const {client, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  t.deepEqual(until(seconds(200)), [
    '100: request from 10.0.0.11 to 10.0.0.2',
    '160: request from 10.0.0.11 to 10.0.0.2',
    '175: request from 10.0.0.11 to everybody',
    '200: lost 10.0.0.11: expired',
    '200: discover for 10.0.0.11 to everybody',
  ]);
});

test('long leases are renewed after half of what is left until everybody is asked', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', 0, {leaseSeconds: 86_400});
  until(0);
  answer('ack', 0, {leaseSeconds: 86_400});
  const asked = until(seconds(86_399)).filter(line => line.includes('to 10.0.0.2'));
  t.deepEqual(
    asked.slice(0, 3).map(line => line.split(':')[0]),
    ['43200', '59400', '67500'],
  );
});

test('who is refused gives up the address and begins anew, later each time', t => {
  const {client, answer, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  until(seconds(100));
  answer('nak', seconds(100));
  t.deepEqual(until(seconds(101)), ['lost 10.0.0.11: refused', '101: discover for 10.0.0.11 to everybody']);
  answer('offer', seconds(101));
  until(seconds(101));
  answer('nak', seconds(101));
  t.is(client.wakeAt, seconds(103));
});

test('a refusal of another server is no reason to give up', t => {
  const {client, answer, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  until(seconds(100));
  answer('nak', seconds(100), {serverId: 0x0a000063});
  t.is(client.state, 'renewing');
});

test('a client that is stopped gives its address back, and asks for it again', t => {
  const {client, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  client.stop(true);
  client.start(seconds(10));
  t.deepEqual(until(seconds(13)), [
    'release from 10.0.0.11 of 10.0.0.2 to 10.0.0.2',
    '10: request for 10.0.0.11 to everybody',
    '11: request for 10.0.0.11 to everybody',
    '13: discover for 10.0.0.11 to everybody',
  ]);
});

test('a machine that was off asks for any address', t => {
  const {client, until, getLease} = makeClient();
  client.start(0);
  getLease(0);
  client.forget();
  t.is(client.wakeAt, never);
  client.start(seconds(10));
  t.deepEqual(until(seconds(10)), ['10: discover to everybody']);
});

test('a lease for ever is never renewed', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  answer('offer', 0, {leaseSeconds: 0xffff_ffff});
  until(0);
  answer('ack', 0, {leaseSeconds: 0xffff_ffff});
  t.is(client.wakeAt, never);
});

test('classless routes count instead of the router', t => {
  const {client, answer, until} = makeClient();
  client.start(0);
  until(0);
  const routes = [{prefix: {address: 0xa9fea9fe, length: 32}, via: server}];
  answer('offer', 0, {router: 0x0a000001});
  t.deepEqual(client.lease?.routes, [{prefix: {address: 0, length: 0}, via: 0x0a000001}]);
  until(0);
  answer('ack', 0, {router: 0x0a000001, routes, mtu: 1450});
  t.deepEqual(client.lease?.routes, routes);
  t.is(client.lease?.mtu, 1450);
  t.is(client.lease?.length, 24);
});
