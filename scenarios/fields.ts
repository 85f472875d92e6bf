import {z} from 'zod';
import {milliseconds, seconds, type Time} from '../engine/time.ts';
import {parseCidr, parseIpv4, formatCidr, type Cidr, type Ipv4} from '../models/wire/ipv4.ts';
import {isGroupMac, parseMac, type Mac} from '../models/wire/mac.ts';
import {quote, showValue} from './mistakes.ts';
import {namePattern, parseName, parseTemplate, templatePattern} from './templates.ts';
import {formatTime, parseInstant, parsePercentage, parseTime, parseTimeRange, type Parsed} from './units.ts';

/*
 * The single values of a scenario file. The message of an issue is the mistake and, after a line break, the hint; for a
 * value that is missing it says what is wanted.
 */

const timePattern = '[0-9]+(\\.[0-9]+)?(us|ms|s|min)';
const addressPattern = '[0-9]{1,3}(\\.[0-9]{1,3}){3}';

/** Units of which a program may take whole ones only. */
const grains = {milliseconds: milliseconds(1), seconds: seconds(1)};

type TimeLimits = {
  readonly least?: Time;
  readonly most?: Time;
  readonly whole?: keyof typeof grains;
  readonly off?: boolean;
};

/** A span of time, at least `least` or, where `off` says so, 0, and at most `most`; `whole` if the program takes no fractions of that unit. */
export function time({least = 0, most = Infinity, whole, off = false}: TimeLimits = {}) {
  return textField('a time such as 100ms', {pattern: `^${timePattern}$`}, text => {
    const parsed = parseTime(text);
    if (!('value' in parsed)) return parsed;
    if (off && parsed.value === 0) return parsed;
    if (parsed.value < least) return {flaw: `${quote(text)} is too short: at least ${formatTime(least)}`};
    if (parsed.value > most) return {flaw: `${quote(text)} is too long: at most ${formatTime(most)}`};
    if (whole && parsed.value % grains[whole] !== 0) return {flaw: `${quote(text)} must be whole ${whole}`};
    return parsed;
  });
}

/** A moment, or a span that may be drawn. */
export const instant = textField(
  'an instant such as 20s or 20s + random 1s',
  {pattern: `^${timePattern}( *\\+ *random +${timePattern})?$`},
  parseInstant,
);

export const timeRange = textField(
  'a time such as 5ms or 2ms..9ms',
  {pattern: `^${timePattern}(\\.\\.${timePattern})?$`},
  parseTimeRange,
);

export const percentage = textField('a percentage such as 5%', {pattern: '^[0-9]{1,3}(\\.[0-9]+)?%$'}, parsePercentage);

export const address = textField('an address such as 10.0.2.1', {pattern: `^${addressPattern}$`}, parseAddress);

/** Addresses from the first to the last. */
export const addressRange = textField(
  'a range such as 10.0.2.200..10.0.2.220',
  {pattern: `^${addressPattern}\\.\\.${addressPattern}$`},
  text => {
    const [first, last, ...more] = text.split('..', 3).map(parseAddress);
    if (last === undefined || more.length > 0) {
      return {flaw: `${quote(text)} is not a range of addresses`, hint: 'Write it as 10.0.2.200..10.0.2.220'};
    }
    if ('flaw' in first) return first;
    if ('flaw' in last) return last;
    if (first.value <= last.value) return {value: {first: first.value, last: last.value}};
    return {flaw: `${quote(text)} ends before it begins`};
  },
);

/** A network that hosts can be on. */
export const network = textField('a network such as 10.0.2.0/24', {pattern: `^${addressPattern}/[0-9]{1,2}$`}, text => {
  const parsed = parseNetwork(text);
  if (!('value' in parsed)) return parsed;
  const {address: first, length} = parsed.value;
  if (length > 30) return {flaw: `${text} has no room for hosts: at most /30`};
  if (length < 8) return {flaw: `${text} is too wide: at least /8`};
  const octet = Math.floor(first / 0x1_00_00_00);
  return octet === 0 || octet === 127 || octet >= 224 ? {flaw: `${text} is not a network for hosts`} : parsed;
});

/** An address with the length of its prefix, as interfaces have them. */
export const interfaceAddress = textField(
  'an address such as 10.0.0.1/24',
  {pattern: `^${addressPattern}/[0-9]{1,2}$`},
  (text): Parsed<{readonly address: Ipv4; readonly length: number}> => {
    const [first, length, ...more] = text.split('/', 3);
    const parsed = parseIpv4(first);
    if (parsed === undefined || more.length > 0 || !/^\d{1,2}$/.test(length ?? '32') || Number(length ?? 0) > 32) {
      return {flaw: `${quote(text)} is not an address with a prefix`, hint: 'Write it as 10.0.0.1/24'};
    }
    if (length === undefined) return {flaw: `${quote(text)} has no prefix length`, hint: `Write it as ${text}/24`};
    return {value: {address: parsed, length: Number(length)}};
  },
);

/** Where a route leads. */
export const prefix = textField(
  'a prefix such as 0.0.0.0/0',
  {pattern: `^${addressPattern}/[0-9]{1,2}$`},
  parseNetwork,
);

/** An address, which is a prefix of length 32, or a prefix. */
export const addressOrPrefix = textField(
  'an address such as 10.0.2.100 or a prefix such as 10.0.2.0/24',
  {pattern: `^${addressPattern}(/[0-9]{1,2})?$`},
  (text): Parsed<Cidr> => {
    if (text.includes('/')) return parseNetwork(text);
    const parsed = parseAddress(text);
    return 'value' in parsed ? {value: {address: parsed.value, length: 32}} : parsed;
  },
);

/** A group of hosts. */
export const group = textField('a group such as 224.0.0.1', {pattern: `^${addressPattern}$`}, text => {
  const parsed = parseAddress(text);
  if (!('value' in parsed)) return parsed;
  const octet = Math.floor(parsed.value / 0x1_00_00_00);
  return octet >= 224 && octet < 240 ? parsed : {flaw: `${text} is not a group: 224.0.0.0 to 239.255.255.255`};
});

export const mac = textField('a MAC address such as fa:16:3e:00:00:01', {}, (text): Parsed<Mac> => {
  const parsed = parseMac(text);
  if (parsed === undefined) return {flaw: `${quote(text)} is not a MAC address`, hint: 'Write it as fa:16:3e:00:00:01'};
  if (isGroupMac(parsed) || parsed === 0) return {flaw: `${quote(text)} is not the address of one interface`};
  return {value: parsed};
});

/** The name of something that stands elsewhere; whether it does is checked later. */
export function reference(kind: string, wanted?: string) {
  const one = `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
  return textField(wanted ?? `the name of ${one}`, {}, (text): Parsed<string> => {
    return text === '' ? {flaw: `${one} must have a name`} : {value: text};
  });
}

/** Text for people. */
export function prose(wanted: string) {
  return z.string({error: ({input}) => `${showValue(input)} is not ${wanted}`});
}

export const name = keyField(parseName, {pattern: namePattern});
export const template = keyField(parseTemplate, {pattern: templatePattern});
export const addressKey = keyField(parseAddress, {pattern: `^${addressPattern}$`});

export function wholeNumber(least: number, most: number) {
  const wanted = `a whole number from ${least} to ${most}`;
  const error = ({input}: {input?: unknown}) => (input === undefined ? wanted : `${showValue(input)} is not ${wanted}`);
  return z.int({error}).min(least, {error}).max(most, {error});
}

/** Nothing that a single value can say is longer; and no pattern is tried on what would keep it busy. */
const longestValue = 200;

const mostVlan = 4094;

export const vlan = wholeNumber(1, mostVlan);

/** One VLAN, or all from the first to the last. */
export const vlanRange = z.union(
  [
    vlan.transform((tag): VlanRange => [tag, tag]),
    textField('a range such as 1001..2000', {pattern: '^[0-9]{1,4}\\.\\.[0-9]{1,4}$'}, parseVlanRange),
  ],
  {error: 'a VLAN such as 7, or a range such as 1001..2000'},
);

const mostPort = 65_535;

/** One port, or all from the first to the last. */
export const portRange = z.union(
  [
    wholeNumber(1, mostPort).transform((port): PortRange => ({least: port, most: port})),
    textField('a range such as 8000..8010', {pattern: '^[0-9]{1,5}\\.\\.[0-9]{1,5}$'}, parsePortRange),
  ],
  {error: 'a port such as 80, or a range such as 8000..8010'},
);

/** Text that `parse` understands; numbers go through it too, for they are mostly text without its unit. */
export function textField<Value>(wanted: string, meta: {pattern?: string}, parse: (text: string) => Parsed<Value>) {
  return z
    .string({error: ({input}) => complain(wanted, input, parse)})
    .meta(meta)
    .transform((text, context) => {
      const parsed = text.length > longestValue ? {flaw: `${quote(text)} is too long`} : parse(text);
      if ('value' in parsed) return parsed.value;
      context.addIssue({code: 'custom', message: joined(parsed)});
      return z.NEVER;
    });
}

function complain(wanted: string, input: unknown, parse: (text: string) => Parsed<unknown>): string {
  if (input === undefined) return wanted;
  if (typeof input !== 'number') return `${showValue(input)} is not ${wanted}`;
  const parsed = parse(String(input));
  return 'flaw' in parsed ? joined(parsed) : `${input} is read as a number\nWrite "${input}" in quotes`;
}

function joined({flaw, hint}: {readonly flaw: string; readonly hint?: string}): string {
  return hint === undefined ? flaw : `${flaw}\n${hint}`;
}

function keyField(parse: (text: string) => Parsed<unknown>, meta: {pattern: string}) {
  return z
    .string()
    .check(({value, issues}) => {
      const parsed = parse(value);
      if ('flaw' in parsed) issues.push({code: 'custom', message: joined(parsed), input: value});
    })
    .meta(meta);
}

type VlanRange = readonly [first: number, last: number];

function parseVlanRange(text: string): Parsed<VlanRange> {
  const match = /^(\d{1,4})\.\.(\d{1,4})$/.exec(text);
  if (!match) return {flaw: `${quote(text)} is not a range of VLANs`, hint: 'Write it as 1001..2000'};
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (first > last) return {flaw: `${quote(text)} ends before it begins`, hint: `Write ${last}..${first}`};
  if (first < 1 || last > mostVlan) return {flaw: `${quote(text)} leaves the VLANs: 1 to ${mostVlan}`};
  return {value: [first, last]};
}

type PortRange = {readonly least: number; readonly most: number};

function parsePortRange(text: string): Parsed<PortRange> {
  const match = /^(\d{1,5})\.\.(\d{1,5})$/.exec(text);
  if (!match) return {flaw: `${quote(text)} is not a range of ports`, hint: 'Write it as 8000..8010'};
  const [least, most] = [Number(match[1]), Number(match[2])];
  if (least > most) return {flaw: `${quote(text)} ends before it begins`, hint: `Write ${most}..${least}`};
  if (least < 1 || most > mostPort) return {flaw: `${quote(text)} leaves the ports: 1 to ${mostPort}`};
  return {value: {least, most}};
}

/** An address, whoever may have it. */
function parseAddress(text: string): Parsed<Ipv4> {
  const value = parseIpv4(text);
  if (value !== undefined) return {value};
  return {flaw: `${quote(text)} is not an IPv4 address`, hint: 'Write it as 10.0.2.1'};
}

function parseNetwork(text: string): Parsed<Cidr> {
  const value = parseCidr(text);
  if (value) return {value};
  const [first, length, ...more] = text.split('/', 3);
  const start = parseIpv4(first);
  if (start === undefined || !/^\d{1,2}$/.test(length ?? '32') || Number(length ?? 0) > 32 || more.length > 0) {
    return {flaw: `${quote(text)} is not a network`, hint: 'Write it as 10.0.2.0/24'};
  }
  if (length === undefined) return {flaw: `${quote(text)} has no prefix length`, hint: `Write it as ${text}/24`};
  const size = 2 ** (32 - Number(length));
  const meant = formatCidr({address: Math.floor(start / size) * size, length: Number(length)});
  return {flaw: `${text} has bits set after its prefix`, hint: `Did you mean "${meant}"?`};
}
