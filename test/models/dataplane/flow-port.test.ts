import test from 'ava';
import {flowPort as portOf} from '../../../models/dataplane/flow-port.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';

const flowPort = (of: Frame, secret = 0x0a_00_00_0a): number => portOf(of, secret);

const frame = (payload: Frame['payload']): Frame => ({source: 1, destination: 2, vlan: undefined, payload});

const packet = (payload: Ipv4Packet['payload']): Frame =>
  frame({
    ...{kind: 'ipv4', source: 0x0a_00_00_01, destination: 0x0a_00_00_02, ttl: 64, tos: 0, identification: 0},
    ...{dontFragment: true, payload},
  });

const udp = (sourcePort: number): Frame =>
  packet({
    kind: 'udp',
    sourcePort,
    destinationPort: 9000,
    payload: {kind: 'payload', size: 64},
  } as Ipv4Packet['payload']);

const arp = (targetIp: number): Frame =>
  frame({kind: 'arp', operation: 'request', senderMac: 1, senderIp: 0x0a_00_00_01, targetMac: 0, targetIp} as Arp);

test('each flow has its outer port, and keeps it', t => {
  t.is(flowPort(udp(20_000)), flowPort(udp(20_000)));
  t.is(new Set([20_000, 20_001, 20_002].map(port => flowPort(udp(port)))).size, 3);
  for (let port = 20_000; port < 20_500; port++) {
    const outer = flowPort(udp(port));
    t.true(outer >= 32_768 && outer <= 60_999, String(outer));
  }
});

test('ARP has one port whatever it asks for, and not that of the packets between the same addresses', t => {
  t.is(flowPort(arp(0x0a_00_00_02)), flowPort(arp(0x0a_00_00_03)));
  t.not(flowPort(arp(0x0a_00_00_02)), flowPort(udp(20_000)));
});

test('another host has other ports for the same', t => {
  t.not(flowPort(arp(0x0a_00_00_02)), flowPort(arp(0x0a_00_00_02), 0x0a_00_00_0b));
});
