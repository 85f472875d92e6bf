import {bfdPort} from '../wire/bfd.ts';
import type {Frame} from '../wire/frame.ts';
import {genevePort} from '../wire/geneve.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {isVxlanPort} from '../wire/vxlan.ts';
import {isUnlucky, type Judgement, type Rule} from '../dataplane/nic.ts';
import type {Passage} from '../dataplane/passage.ts';
import type {Breakage, Direction, Match} from './breakage.ts';

type Content = Ipv4Packet['payload'];

/** A rule on frames without the side of the link it stands on. */
type Judge = (frame: Frame, passage: Passage) => Judgement;

/** The rules that a fault puts on a link, one for each direction it concerns. */
export function rulesFor(key: string, breakage: Breakage, cause: number): readonly Rule[] {
  switch (breakage.kind) {
    case 'black-hole':
      return both(breakage.direction, cause, () => ({lost: 'black hole'}));
    case 'drop':
      return both(breakage.direction, cause, frame =>
        matches(frame, breakage.match) ? {lost: 'dropped by rule'} : undefined,
      );
    case 'loss':
      return both(breakage.direction, cause, (frame, passage) =>
        isUnlucky(breakage.rate, frame, passage, key) ? {lost: 'random loss'} : undefined,
      );
    case 'latency':
      return both(breakage.direction, cause, (_, passage) => {
        const {add, jitter} = breakage;
        return {late: add + (jitter > 0 ? Math.floor(passage.draw(key) * (jitter + 1)) : 0)};
      });
    case 'southbound':
    case 'bus':
      return both('both', cause, frame => {
        if (!matches(frame, {protocol: 'tcp', port: undefined})) return undefined;
        return {lost: breakage.how === 'noticed' ? 'rejected' : 'dropped by rule'};
      });
    default:
      return [];
  }
}

function both(direction: Direction, cause: number, judge: Judge): readonly Rule[] {
  const sides = direction === 'both' ? (['in', 'out'] as const) : [direction];
  return sides.map(side => ({direction: side, cause, judge}));
}

/** Whether a rule of this kind would pick the frame, as iptables or a switch's filter does. */
export function matches({payload}: Frame, {protocol, port}: Match): boolean {
  if (payload.kind === 'arp') return (protocol === 'arp' || protocol === 'any') && port === undefined;
  const content = payload.payload;
  if (port !== undefined && !portsOf(content).includes(port)) return false;
  switch (protocol) {
    case 'any':
      return true;
    case 'udp':
      return content.kind === 'udp';
    case 'icmp':
      return content.kind.startsWith('icmp-');
    case 'tcp':
      return content.kind === 'tcp';
    case 'geneve':
      return content.kind === 'udp' && content.destinationPort === genevePort;
    case 'vxlan':
      return content.kind === 'udp' && isVxlanPort(content.destinationPort);
    case 'gre':
      return content.kind === 'gre';
    case 'bfd':
      return isBfd(content) || carries(content, isBfd);
    case 'vrrp':
      return content.kind === 'vrrp' || carries(content, inner => inner.kind === 'vrrp');
    case 'arp':
      return false;
  }
}

function portsOf(content: Content): readonly number[] {
  return content.kind === 'udp' || content.kind === 'tcp' ? [content.sourcePort, content.destinationPort] : [];
}

function isBfd(content: Content): boolean {
  return content.kind === 'udp' && content.destinationPort === bfdPort;
}

/** Whether such a packet is in a tunnel: an operator would match it with a rule in the switch, or on the tunnel's device. */
function carries(content: Content, isMeant: (inner: Content) => boolean): boolean {
  const tunnel = content.kind === 'udp' ? content.payload : content;
  if (tunnel.kind !== 'geneve' && tunnel.kind !== 'vxlan' && tunnel.kind !== 'gre') return false;
  const {payload: inner} = tunnel.payload;
  return inner.kind === 'ipv4' && isMeant(inner.payload);
}
