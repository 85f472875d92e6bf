import type {Ipv4} from '../wire/ipv4.ts';
import {withSource, type Tuple} from './conntrack-tuple.ts';

/** What an SNAT rule says. */
export type SourceRange = {
  readonly address: Ipv4;
  /** `--to-source address:least-most` */
  readonly ports?: {readonly least: number; readonly most: number};
  /** `--random` or `--random-fully`, which have been the same since Linux 5.0. */
  readonly random?: boolean;
};

/** What the choice needs to know of the connections there are. */
export type SourceQuestions = {
  /** Whether answers to the tuple would belong to a connection. */
  isTaken(tuple: Tuple): boolean;
  /** The same, except that a TCP connection that is over makes room. */
  isTakenForGood(tuple: Tuple): boolean;
  /** Where connections from the same address and port were translated to, the newest first. */
  mappings(): Iterable<Pick<Tuple, 'source' | 'sourcePort'>>;
  /** A random number of 16 bits. */
  draw(): number;
};

/** NF_NAT_MAX_ATTEMPTS, and from where on a connection that is over does not block any more (NF_NAT_HARDER_THRESH). */
const mostAttempts = 128;
const harderAttempts = 32;
const leastAttempts = 16;

/**
 * The tuple under which a new connection leaves (nf_nat_core.c, get_unique_tuple): as it is, else as others from the same
 * port, else under the own port, else under a random one. Unless the range is random, in which case at once under a random
 * one. If none was found the last one that was tried is returned, taken as it is: the connection will not be confirmed.
 */
export function chooseSource(tuple: Tuple, range: SourceRange, questions: SourceQuestions): Tuple {
  const {address, random = false} = range;
  if (random) return tryPorts(tuple, range, questions);
  if (tuple.source === address && isInside(tuple.sourcePort, range)) {
    if (!questions.isTaken(tuple)) return tuple;
  } else {
    for (const {source, sourcePort} of questions.mappings()) {
      if (source !== address || !isInside(sourcePort, range)) continue;
      const same = withSource(tuple, source, sourcePort);
      if (!questions.isTaken(same)) return same;
      break;
    }
  }
  const kept = withSource(tuple, address, tuple.sourcePort);
  return isInside(tuple.sourcePort, range) && !questions.isTaken(kept) ? kept : tryPorts(tuple, range, questions);
}

/** The ports a conflict may lead to: those of the range, else those of the same class as the own one. */
export function portsFor(tuple: Tuple, range: SourceRange): {readonly least: number; readonly most: number} {
  if (range.ports) return range.ports;
  if (tuple.protocol === 'icmp') return {least: 0, most: 65_535};
  if (tuple.sourcePort < 512) return {least: 1, most: 511};
  return tuple.sourcePort < 1024 ? {least: 600, most: 1023} : {least: 1024, most: 65_535};
}

/** nf_nat_l4proto_unique_tuple: runs of neighbours from random beginnings, each run half as long as the one before. */
function tryPorts(tuple: Tuple, range: SourceRange, questions: SourceQuestions): Tuple {
  if (typeof tuple.protocol === 'number') return withSource(tuple, range.address, tuple.sourcePort);
  const {least, most} = portsFor(tuple, range);
  const size = most - least + 1;
  for (let attempts = Math.min(size, mostAttempts); ; attempts = Math.floor(attempts / 2)) {
    const offset = questions.draw();
    let candidate = tuple;
    for (let i = 0; i < attempts; i++) {
      candidate = withSource(tuple, range.address, least + (((offset + i) & 0xffff) % size));
      const harder = attempts - i <= harderAttempts;
      if (!(harder ? questions.isTakenForGood(candidate) : questions.isTaken(candidate))) return candidate;
    }
    if (attempts >= size || attempts < leastAttempts) return candidate;
  }
}

function isInside(port: number, {ports}: SourceRange): boolean {
  return !ports || (port >= ports.least && port <= ports.most);
}
