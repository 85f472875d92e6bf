import type {Time} from '../engine/time.ts';
import {formatMac, type Mac} from '../models/wire/mac.ts';
import {briefly, list} from './format.ts';

type Nic = string;
type Direction = 'in' | 'out' | 'both';

/** What a fault breaks and how: as much of the scenario as reports tell. */
export type Broken =
  | {readonly kind: 'link'; readonly nic: Nic}
  | {readonly kind: 'black-hole'; readonly nic: Nic; readonly direction: Direction}
  | {
      readonly kind: 'drop';
      readonly nic: Nic;
      readonly direction: Direction;
      readonly protocol: string;
      readonly port: number | undefined;
    }
  | {readonly kind: 'loss'; readonly nic: Nic; readonly direction: Direction; readonly rate: number}
  | {
      readonly kind: 'latency';
      readonly nic: Nic;
      readonly direction: Direction;
      readonly add: Time;
      readonly jitter: Time;
    }
  | {readonly kind: 'chassis'}
  | {
      readonly kind: 'daemon';
      readonly daemon: string;
      readonly how: keyof typeof deeds;
      /** Of a program that another one starts for each router: for which; undefined: for all. */
      readonly router?: string | undefined;
    }
  | {readonly kind: 'script'; readonly script: string}
  | {readonly kind: 'southbound' | 'bus'; readonly how: 'noticed' | 'silent'}
  | {readonly kind: 'operation'; readonly operation: Operation};

type Operation =
  | {readonly what: 'associate'; readonly vm: string}
  | {readonly what: 'reschedule' | 'add' | 'move'; readonly to: string}
  | {readonly what: 'remove'; readonly from: string}
  | {readonly what: 'replace'; readonly mac: Mac}
  | {readonly what: 'reload'; readonly instance: string}
  | {readonly what: 'add-group' | 'remove-group'; readonly group: string}
  | {readonly what: 'disassociate' | 'boot' | 'add-rule' | 'remove-rule'};

/** A fault of the scenario. */
export type Fault = {readonly name: string; readonly breakage: Broken};

/** What the announcement of a fault's edge says. */
export type Struck = {readonly fault: string; readonly kind: string; readonly target: string};

/** Targets stand one after the other; two kinds have names of several words. */
const names = /switch \S+|\S+ gateway(?: \d+)?(?= |$)|\S+/g;

/** What a fault did when it began, or what its end gave back: `underlay link of gw1 down`. */
export function tellFault(faults: readonly Fault[], {fault, kind, target}: Struck, edge: 'start' | 'end'): string {
  const broken = faults.find(({name}) => name === fault)?.breakage;
  const targets = list(target.match(names) ?? []);
  if (targets === '') return edge === 'start' ? 'hits nothing: there is no such target' : 'over';
  if (broken === undefined) return `${kind} of ${targets}${edge === 'end' ? ' over' : ''}`;
  return edge === 'start' ? begun(broken, targets) : ended(broken, targets);
}

function begun(broken: Broken, targets: string): string {
  switch (broken.kind) {
    case 'link':
      return `${linkOf(broken.nic, targets)} down`;
    case 'chassis':
      return `${targets} without power`;
    case 'daemon':
      return `${processOf(broken, targets)} ${deeds[broken.how]}`;
    case 'script':
      return `script ${broken.script} of ${targets} fails`;
    case 'southbound':
    case 'bus':
      return `path from ${targets} to ${servers[broken.kind]} ${broken.how === 'silent' ? 'cut without a word' : 'reset'}`;
    case 'operation':
      return done(broken.operation, targets);
    default:
      return `${harm(broken)} ${placeOf(broken.nic, targets)}${directions[broken.direction]}`;
  }
}

function ended(broken: Broken, targets: string): string {
  switch (broken.kind) {
    case 'link':
      return `${linkOf(broken.nic, targets)} up again`;
    case 'chassis':
      return `${targets} with power again`;
    case 'daemon':
      return `${processOf(broken, targets)} ${release(broken)}`;
    case 'script':
      return `script ${broken.script} of ${targets} succeeds again`;
    case 'southbound':
    case 'bus':
      return `path from ${targets} to ${servers[broken.kind]} open again`;
    case 'operation':
      return 'over';
    default:
      return `no more ${harm(broken)} ${placeOf(broken.nic, targets)}`;
  }
}

const servers = {southbound: 'the southbound database', bus: 'the message bus'} as const;
function done(operation: Operation, targets: string): string {
  switch (operation.what) {
    case 'associate':
      return `${targets} leads to ${operation.vm} now`;
    case 'disassociate':
      return `${targets} leads to nobody now`;
    case 'reschedule':
    case 'add':
      return `${targets} given to the agent of ${operation.to}`;
    case 'remove':
      return `${targets} taken from the agent of ${operation.from}`;
    case 'boot':
      return `${targets} started`;
    case 'move':
      return `${targets} moved to ${operation.to} without a word`;
    case 'replace':
      return `${targets} replaced by a machine with the MAC ${formatMac(operation.mac)} without a word`;
    case 'reload':
      return `${targets} reads another ${operation.instance} from keepalived.conf`;
    case 'add-rule':
      return `security group ${targets} has a rule more`;
    case 'remove-rule':
      return `security group ${targets} has a rule less`;
    case 'add-group':
      return `${targets} in security group ${operation.group} now`;
    case 'remove-group':
      return `${targets} no longer in security group ${operation.group}`;
  }
}

const deeds = {
  kill: 'killed',
  stop: 'told to stop',
  hang: 'hung',
  restart: 'restarted',
  'kill-parent': 'without its parent',
  'kill-child': 'without its child',
  reload: 'told to read its configuration anew',
} as const;
const directions: Readonly<Record<Direction, string>> = {both: '', in: ', inwards', out: ', outwards'};

function harm(broken: Extract<Broken, {nic: Nic; direction: Direction}>): string {
  switch (broken.kind) {
    case 'black-hole':
      return 'black hole';
    case 'loss':
      return `loss of ${Number((broken.rate * 100).toFixed(6))} %`;
    case 'latency': {
      const jitter = broken.jitter > 0 ? `, up to ${briefly(broken.jitter)} of jitter` : '';
      return `${briefly(broken.add)} more latency${jitter}`;
    }
    case 'drop': {
      const port = broken.port === undefined ? '' : ` port ${broken.port}`;
      return `rule that drops ${broken.protocol === 'any' ? 'everything' : broken.protocol}${port}`;
    }
  }
}

/** What the end of a fault does; what no init looks after is not started by it. */
function release(broken: Extract<Broken, {kind: 'daemon'}>): string {
  if (broken.how === 'hang') return 'goes on';
  return 'router' in broken ? 'free to start again' : 'started again';
}

function processOf({daemon, router}: Extract<Broken, {kind: 'daemon'}>, targets: string): string {
  return router === undefined ? `${daemon} of ${targets}` : `${daemon} of ${router} on ${targets}`;
}

function linkOf(nic: Nic, targets: string): string {
  return nic === 'all' ? `all links of ${targets}` : `${nic} link of ${targets}`;
}

function placeOf(nic: Nic, targets: string): string {
  if (targets.startsWith('switch ')) return `at ${targets}`;
  return nic === 'all' ? `at all links of ${targets}` : `at the ${nic} link of ${targets}`;
}
