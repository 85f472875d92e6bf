import type {Breakage, DaemonFate, Direction} from '../models/faults/breakage.ts';
import type {Operation} from '../models/faults/operation.ts';
import {formatMac} from '../models/wire/mac.ts';
import {briefly, list} from './format.ts';

/** What a fault breaks and how, as the scenario has it. */
export type Broken = Breakage<{readonly nic: string}, unknown>;

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

function done(operation: Operation<unknown>, targets: string): string {
  switch (operation.what) {
    case 'associate':
      return `${targets} leads to ${operation.vm} now`;
    case 'disassociate':
      return `${targets} leads to nobody now`;
    case 'allocate':
      return `${targets} given a floating IP`;
    case 'release':
      return `${targets} given back to the pool`;
    case 'reschedule':
    case 'add':
      return `${targets} given to the agent of ${operation.to}`;
    case 'remove':
      return `${targets} taken from the agent of ${operation.from}`;
    case 'boot':
      return `${targets} started`;
    case 'start':
      return `${targets} started again`;
    case 'move':
      return `${targets} moved to ${operation.to} without a word`;
    case 'replace':
      return `${targets} replaced by a machine with the MAC ${formatMac(operation.mac)}`;
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

const deeds: Readonly<Record<DaemonFate, string>> = {
  kill: 'killed',
  stop: 'told to stop',
  hang: 'hung',
  restart: 'restarted',
  'kill-parent': 'without its parent',
  'kill-child': 'without its child',
  reload: 'told to read its configuration anew',
};

const directions: Readonly<Record<Direction, string>> = {both: '', in: ', inwards', out: ', outwards'};

function harm(broken: Extract<Broken, {nic: string; direction: Direction}>): string {
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
      const {protocol, port} = broken.match;
      const ports = port === undefined ? '' : ` port ${port}`;
      return `rule that drops ${protocol === 'any' ? 'everything' : protocol}${ports}`;
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

function linkOf(nic: string, targets: string): string {
  return nic === 'all' ? `all links of ${targets}` : `${nic} link of ${targets}`;
}

function placeOf(nic: string, targets: string): string {
  if (targets.startsWith('switch ')) return `at ${targets}`;
  return nic === 'all' ? `at all links of ${targets}` : `at the ${nic} link of ${targets}`;
}
