import {seconds} from '../../../engine/time.ts';
import type {Namespace} from '../../../models/dataplane/linux/namespace.ts';
import {formatRules} from '../../../models/inspect/ip-rule.ts';
import {mainTable} from '../../../models/protocols/ip-routes.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {ip, Lan, type Sent} from './lan.ts';
import {readMeasured} from './measured.ts';

const everywhere = {address: 0, length: 0};
const subnetTable = 167_772_161;
const floatingTable = 16;

type Step = {
  /** What is changed before, for this step and those after it. */
  readonly change?: (router: Namespace) => void;
  readonly source?: string;
  readonly destination?: string;
};

/** The steps of the bench in their order, by the beginning of their names. */
const steps: readonly (readonly [string, Step])[] = [
  ['FIP VM -> outside', {source: '10.0.0.5'}],
  ['VM without FIP -> outside', {source: '10.0.0.6'}],
  ['FIP VM -> own subnet', {source: '10.0.0.5', destination: '10.0.0.6'}],
  ['router itself', {}],
  ['other source', {source: '10.9.9.9'}],
  [
    'after rule removal',
    {source: '10.0.0.5', change: router => router.removeRule(({table}) => table === floatingTable)},
  ],
  [
    'rule kept but table 16 empty',
    {
      source: '10.0.0.5',
      change: router => {
        addFloatingRule(router);
        router.removeRoute(() => true, floatingTable);
      },
    },
  ],
  [
    'default in main too',
    {
      source: '10.0.0.5',
      change: router => {
        router.addRoute({prefix: everywhere, device: 'e0', via: ip('169.254.31.29'), source: undefined}, floatingTable);
        router.addRoute({prefix: everywhere, device: 'f0', via: ip('192.0.2.1'), source: undefined});
      },
    },
  ],
  [
    'table 16 has unreachable',
    {
      source: '10.0.0.5',
      change: router => {
        router.removeRoute(({device}) => device === 'f0', mainTable);
        router.removeRoute(() => true, floatingTable);
        router.addRoute(
          {prefix: everywhere, device: 'lo', via: undefined, source: undefined, unreachable: true},
          floatingTable,
        );
      },
    },
  ],
];

/** Where a `qrouter` with a distributed floating address sends packets. */
export function policyRouting(): Table {
  const lan = new Lan(1);
  const router = routerOn(lan);
  const measured = readMeasured('i_policy_routing');
  const [rules, ...rest] = measured;
  return {
    title: 'Policy routing',
    notes: [
      'The rules as `ip rule` lists them, then whom a packet is handed to, and by which interface, as seen on the wire where the bench asked `ip route get`.',
    ],
    head: ['what', ...exactHead],
    rows: [
      exactRow(['`ip rule`'], 1, rules['result'], [
        formatRules(router.rules).trim().replaceAll('\t', ' ').replaceAll('\n', ' ; '),
      ]),
      ...rest.map(({step, result}) => {
        const [, {change, source, destination = '8.8.8.8'}] = steps.find(([begin]) => step.startsWith(begin))!;
        change?.(router);
        return exactRow([step.split(' : ')[0]], 1, plain(result), [wayOf(lan, router, source, destination)]);
      }),
    ],
  };
}

function routerOn(lan: Lan): Namespace {
  const router = lan.namespace('qrouter');
  lan.link(router, 'd0', '10.0.0.1/24', lan.bridge('inside'));
  lan.link(router, 'e0', '169.254.31.28/31', lan.bridge('floating'));
  lan.link(router, 'f0', '192.0.2.2/24', lan.bridge('outside'));
  addFloatingRule(router);
  router.addRoute({prefix: everywhere, device: 'e0', via: ip('169.254.31.29'), source: undefined}, floatingTable);
  router.addRule({priority: subnetTable, from: {address: ip('10.0.0.1'), length: 24}, table: subnetTable});
  router.addRoute({prefix: everywhere, device: 'd0', via: ip('10.0.0.9'), source: undefined}, subnetTable);
  return router;
}

function addFloatingRule(router: Namespace): void {
  router.addRule({priority: 57_481, from: {address: ip('10.0.0.5'), length: 32}, table: floatingTable});
}

/** Lets a packet in by the inner interface, or lets the router send one, and looks whom it asks for by ARP. */
function wayOf(lan: Lan, router: Namespace, source: string | undefined, destination: string): string {
  const before = lan.wire.length;
  // Its own packets have no source before they have a route.
  if (source === undefined) lan.udp(router, destination, {source: 0});
  else lan.into(router, 'd0', source, destination);
  const asked = lan.wire
    .slice(before)
    .find(({frame: {payload}}: Sent) => payload.kind === 'arp' && payload.operation === 'request');
  lan.pass(seconds(10));
  if (!asked || asked.frame.payload.kind !== 'arp') return 'unreachable';
  const {targetIp} = asked.frame.payload;
  return `${targetIp === ip(destination) ? '' : `via ${formatIpv4(targetIp)} `}dev ${asked.from.split(' ')[1]}`;
}

/** What `ip route get` says, without what it was asked. */
function plain(result: string): string {
  if (result.startsWith('RTNETLINK')) return 'unreachable';
  return /(via \S+ )?dev \S+/.exec(result)?.[0] ?? result;
}
