import test from 'ava';
import {never, seconds} from '../../../engine/time.ts';
import {DnsmasqDhcp, type DnsmasqSettings} from '../../../models/protocols/dnsmasq-dhcp.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import type {Dhcp, DhcpMessageType} from '../../../models/wire/dhcp.ts';

const own = 0x0a000002;
const vm = {mac: 0xfa163e000001, address: 0x0a00000b, name: 'host-10-0-0-11.openstacklocal'};
const stranger = 0xfa163e0000ff;
const routes = [{prefix: {address: 0xa9fea9fe, length: 32}, via: own}];

const asNeutronStartsIt: DnsmasqSettings = {
  address: own,
  network: {address: 0x0a000000, length: 24},
  range: undefined,
  leaseTime: seconds(86_400),
  authoritative: false,
  ping: true,
  options: {router: 0x0a000001, routes, dns: [own], mtu: 1450},
};

function makeServer(settings: Partial<DnsmasqSettings> = {}, luck = 0) {
  const server = new DnsmasqDhcp({...asNeutronStartsIt, ...settings}, () => luck);
  server.readHosts([vm]);
  const say = (messageType: DhcpMessageType, options: Partial<Dhcp> = {}, now = 0, unicast = false): string => {
    const answer = server.hear(request(messageType, options), unicast, now);
    if (!answer) return 'nothing';
    const {message, to, after} = answer;
    const way = to === 'everybody' ? to : `${formatIpv4(to.address)}${to.injected ? ', injected' : ''}`;
    const late = after === 0 ? '' : ` after ${after / seconds(1)} s`;
    return `${message.messageType} ${formatIpv4(message.yourAddress)} to ${way}${late}`;
  };
  return {server, say};
}

function request(messageType: DhcpMessageType, options: Partial<Dhcp>): Dhcp {
  return {
    ...{kind: 'dhcp', operation: 'request', xid: 1, broadcast: false, clientAddress: 0, yourAddress: 0},
    ...{clientMac: vm.mac, messageType, clientId: undefined, requestedAddress: undefined, serverId: undefined},
    ...{leaseSeconds: undefined, renewalSeconds: undefined, rebindingSeconds: undefined},
    ...{subnetMask: undefined, router: undefined, dns: [], mtu: undefined, routes: []},
    ...options,
  };
}

const selecting = {requestedAddress: vm.address, serverId: own};

test('who is in the hosts file is offered his address at once, and given it', t => {
  const {server, say} = makeServer();
  t.is(say('discover'), 'offer 10.0.0.11 to 10.0.0.11, injected');
  t.is(say('request', selecting), 'ack 10.0.0.11 to 10.0.0.11, injected');
  t.deepEqual(server.leases, [
    {mac: vm.mac, address: vm.address, expiresAt: seconds(86_400), name: 'host-10-0-0-11', clientId: undefined},
  ]);
});

test('with the address come its prefix, routes, the way out, name servers, MTU and times', t => {
  const {server} = makeServer();
  const message = server.hear(request('request', selecting), false, 0)?.message;
  t.like(message, {
    subnetMask: 0xffffff00,
    router: 0x0a000001,
    routes,
    dns: [own],
    mtu: 1450,
    serverId: own,
    leaseSeconds: 86_400,
    renewalSeconds: 43_200,
    rebindingSeconds: 75_600,
  });
});

test('who is not in the hosts file is not answered', t => {
  const {say} = makeServer();
  t.is(say('discover', {clientMac: stranger}), 'nothing');
  t.is(say('request', {clientMac: stranger, requestedAddress: 0x0a00000c}), 'nothing');
  t.is(say('request', {clientMac: stranger, clientAddress: 0x0a00000c}), 'nothing');
});

test('what is asked of another server is left to that', t => {
  const {say} = makeServer();
  t.is(say('request', {...selecting, serverId: 0x0a000003}), 'nothing');
  t.is(say('release', {clientAddress: vm.address, serverId: 0x0a000003}), 'nothing');
});

test('a client that asks to be answered by broadcast is', t => {
  const {say} = makeServer();
  t.is(say('discover', {broadcast: true}), 'offer 10.0.0.11 to everybody');
});

test('a lease is renewed at the address that it is for', t => {
  const {say, server} = makeServer();
  say('request', selecting);
  t.is(say('request', {clientAddress: vm.address}, seconds(43_200.7), true), 'ack 10.0.0.11 to 10.0.0.11');
  t.is(server.leases[0].expiresAt, seconds(43_200 + 86_400), 'in whole seconds');
});

test('renewals are spread over a sixteenth of the lease', t => {
  for (const [luck, renewal] of [
    [0, 60],
    [0.999_99, 60 - 7],
  ] as const) {
    const {server, say} = makeServer({leaseTime: seconds(120)}, luck);
    say('request', selecting);
    const answer = server.hear(request('request', {clientAddress: vm.address}), true, seconds(60));
    t.is(answer?.message.renewalSeconds, renewal);
    t.is(answer?.message.leaseSeconds, 120);
  }
});

test('a lease that is not known is refused to who asks this server, and left alone if all are asked', t => {
  const {say} = makeServer();
  t.is(say('request', {clientAddress: vm.address}, 0, true), 'nak 0.0.0.0 to everybody');
  t.is(say('request', {clientAddress: vm.address}), 'nothing');
});

test('a server that is authoritative knows better', t => {
  const {say} = makeServer({authoritative: true});
  t.is(say('request', {clientAddress: vm.address}), 'ack 10.0.0.11 to 10.0.0.11');
  t.is(say('request', {clientMac: stranger, requestedAddress: 0x0a00000c}), 'nak 0.0.0.0 to everybody');
});

test('a lease file made of the hosts lets a new server renew what an old one gave', t => {
  const {server, say} = makeServer();
  server.readLeases([{...vm, name: undefined, clientId: undefined, expiresAt: seconds(86_400)}]);
  t.is(
    say('request', {clientAddress: vm.address, clientId: 'ff:01'}, seconds(100), true),
    'ack 10.0.0.11 to 10.0.0.11',
  );
  t.is(server.leases[0].clientId, 'ff:01');
});

test('after a restart of the client its address is given again, and another one refused', t => {
  const {say} = makeServer();
  say('request', selecting);
  t.is(say('request', {requestedAddress: vm.address}), 'ack 10.0.0.11 to 10.0.0.11, injected');
  t.is(say('request', {requestedAddress: 0x0a000063}), 'nak 0.0.0.0 to everybody');
});

test('a lease ends, or is given back', t => {
  const {server, say} = makeServer();
  say('request', selecting);
  say('discover', {clientMac: stranger}, seconds(86_401));
  t.deepEqual(server.leases, []);
  say('request', selecting);
  say('release', {clientAddress: vm.address, serverId: own});
  t.deepEqual(server.leases, []);
});

const range = {first: 0x0a0000c8, last: 0x0a0000d1};

test('a range is for anybody: an address is pinged before it is offered, and not again for a while', t => {
  const {say} = makeServer({range});
  const first = say('discover', {clientMac: stranger});
  t.regex(first, /^offer 10\.0\.0\.20\d to 10\.0\.0\.20\d, injected after 3 s$/);
  t.is(say('discover', {clientMac: stranger}, seconds(4)), first.replace(' after 3 s', ''));
  t.is(say('discover', {clientMac: stranger}, seconds(34)), first, 'by then it must be pinged anew');
  t.is(makeServer({range, ping: false}).say('discover', {clientMac: stranger}), first.replace(' after 3 s', ''));
});

test('a range gives each client another address, until it is used up', t => {
  const {server, say} = makeServer({range, ping: false});
  for (let client = 0; client < 10; client++) {
    const clientMac = stranger + client * 7;
    const offered = server.hear(request('discover', {clientMac}), false, 0)?.message.yourAddress;
    t.is(
      say('request', {clientMac, requestedAddress: offered, serverId: own}),
      `ack ${formatIpv4(offered ?? 0)} to ${formatIpv4(offered ?? 0)}, injected`,
    );
  }
  t.is(new Set(server.leases.map(({address}) => address)).size, 10);
  t.is(say('discover', {clientMac: 0xfa163e111111}), 'nothing');
});

test('the address that a client had is given to it again if it is free', t => {
  const {say} = makeServer({range});
  t.regex(say('discover', {clientMac: stranger, requestedAddress: 0x0a0000cd}), /^offer 10\.0\.0\.205/);
  t.regex(say('discover', {clientMac: stranger, requestedAddress: vm.address}), /^offer 10\.0\.0\.20/);
});

test('leases may be for ever', t => {
  const {server, say} = makeServer({leaseTime: never});
  const message = server.hear(request('request', selecting), false, 0)?.message;
  t.is(message?.leaseSeconds, 0xffff_ffff);
  t.is(message?.renewalSeconds, undefined);
  t.is(say('request', {clientAddress: vm.address}, seconds(1e9), true), 'ack 10.0.0.11 to 10.0.0.11');
});
