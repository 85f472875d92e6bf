import {draw} from '../../engine/chance.ts';
import {microseconds, type Time} from '../../engine/time.ts';
import {DhcpService} from '../dataplane/dhcp-service.ts';
import type {Station} from '../dataplane/station.ts';
import type {Ground} from '../ground.ts';
import {DnsmasqDhcp} from '../protocols/dnsmasq-dhcp.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {DhcpServerPlan} from './world-plan.ts';

/** What a machine with nothing else to do takes to answer: an assumption. */
const answerTime: Time = microseconds(500);

/** A machine that is no part of the cloud's DHCP answers requests: a dnsmasq with a range of addresses for anybody. */
export function serveDhcp(
  ground: Ground,
  station: Station,
  {range, leaseTime, router, broadcasts, ping}: DhcpServerPlan,
  {address, network}: {readonly address: Ipv4; readonly network: Cidr},
): void {
  const luck = ground.streams.of(`${station.name}/dhcp server`);
  const options = {router, routes: [], dns: [address], mtu: undefined};
  const settings = {address, network, range, leaseTime, authoritative: false, ping, options};
  const server = new DnsmasqDhcp(settings, count => draw(luck, count));
  const name = `${station.name}/dhcp server`;
  const service = new DhcpService(ground, {name, address, answerTime: () => answerTime, broadcasts}, server, station);
  station.overhearers.push((packet, passage) => (station.on ? service.receive(packet, passage) : undefined));
}
