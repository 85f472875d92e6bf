import type {FlowEnd} from '../../../models/dataplane/flow-end.ts';
import {seconds} from '../../../engine/time.ts';
import type {Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import type {NatTable} from '../../../models/protocols/nat-rules.ts';
import {centralNatTable} from '../../../models/protocols/neutron-nat-rules.ts';
import {udp} from '../../support/nat-bench.ts';
import {NatRouter, routerWithFloatingIp} from '../../support/nat-router.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {floating, FloatingLab} from './floating-lab.ts';
import {eachSeed, ip, type Lan} from './lan.ts';
import {tcpEnd, tcpTalk} from './tcp-talk.ts';

const gateway = ip('203.0.113.10');

const associated = centralNatTable(routerWithFloatingIp);
const disassociated = centralNatTable({...routerWithFloatingIp, floatingIps: []});
const reassociated = centralNatTable({...routerWithFloatingIp, floatingIps: [{floating, fixed: ip('10.0.0.6')}]});

type Step = {
  readonly name: string;
  readonly rules: NatTable;
  readonly hasAddress: boolean;
  /** `conntrack -D -d` */
  readonly deletes: boolean;
  /** Established TCP and UDP, new TCP and UDP, as measured. */
  readonly measured: readonly [string, string, string, string];
};

const unanswered = 'timeout or EHOSTUNREACH';

const steps: readonly Step[] = [
  {
    ...{name: 'NAT rules removed, address kept', rules: disassociated, hasAddress: true, deletes: false},
    measured: ['continues', 'continues', 'ECONNREFUSED', 'ECONNREFUSED'],
  },
  {
    ...{name: 'address removed too', rules: disassociated, hasAddress: false, deletes: false},
    measured: ['continues', 'continues', unanswered, unanswered],
  },
  {
    ...{
      name: '`conntrack -D -d` after re-association to another VM',
      rules: reassociated,
      hasAddress: true,
      deletes: true,
    },
    measured: ['ECONNRESET', 'goes to the new VM', 'goes to the new VM', 'goes to the new VM'],
  },
];

/** What the steps of moving a floating address do to flows. */
export function floatingSteps(seeds: number): Table {
  const few = Math.min(seeds, 10);
  return {
    title: 'Floating IP: steps of moving it',
    notes: ['UDP packets, and TCP connections of sockets, from a host outside through a `qrouter` to its VM.'],
    head: ['step', 'flow', ...exactHead],
    rows: [
      ...steps.flatMap(step => {
        const [establishedTcp, establishedUdp, newTcp, newUdp] = step.measured;
        return [
          exactRow(
            [step.name, 'established TCP'],
            1,
            establishedTcp,
            eachSeed(few, lan => [tcpFate(lan, step, true)]),
          ),
          exactRow(
            [step.name, 'established UDP'],
            1,
            establishedUdp,
            eachSeed(few, lan => [udpFate(lan, step, true)]),
          ),
          exactRow(
            [step.name, 'new TCP'],
            1,
            newTcp,
            eachSeed(few, lan => [tcpFate(lan, step, false)]),
          ),
          exactRow(
            [step.name, 'new UDP'],
            1,
            newUdp,
            eachSeed(few, lan => [udpFate(lan, step, false)]),
          ),
        ];
      }),
      exactRow(['associate and disassociate', 'that a VM began before and in between'], 1, 'keep their source', [
        ownSources(),
      ]),
    ],
  };
}

function udpFate(lan: Lan, {rules, hasAddress, deletes}: Step, established: boolean): string {
  const lab = new FloatingLab(lan);
  if (lab.ask(40_000) !== 'vm1') throw new Error('the floating address leads nowhere');
  lab.translation.table = rules;
  lab.setFloating(hasAddress);
  if (deletes) lab.translation.remove({originalDestination: floating});
  switch (lab.ask(established ? 40_000 : 50_000)) {
    case 'vm1':
      return 'continues';
    case 'vm2':
      return 'goes to the new VM';
    case 'port unreachable':
      return 'ECONNREFUSED';
    default:
      return unanswered;
  }
}

/** A client outside that has talked for a while when the step comes, or begins to after it; both VMs listen. */
function tcpFate(lan: Lan, {rules, hasAddress, deletes}: Step, established: boolean): string {
  const lab = new FloatingLab(lan);
  const speakers = new Set<string>();
  const servers = (['vm1', 'vm2'] as const).map((name): FlowEnd => {
    const end = tcpEnd(lan, lab.members[name]);
    return {...end, send: (packet, passage) => (speakers.add(name), end.send(packet, passage))};
  });
  const talk = {from: tcpEnd(lan, lab.members.outside), servers, destination: floating};
  const early = tcpTalk(lan, talk);
  lan.pass(seconds(2));
  if (early.result().delivered === 0) throw new Error('the floating address leads nowhere');
  lab.translation.table = rules;
  lab.setFloating(hasAddress);
  if (deletes) lab.translation.remove({originalDestination: floating});
  const flow = established ? early : tcpTalk(lan, {...talk, number: 1});
  const before = flow.result().delivered;
  lan.pass(seconds(1));
  speakers.clear();
  lan.pass(seconds(9));
  const {delivered, connections} = flow.result();
  if (connections?.reset) return 'ECONNRESET';
  if (connections?.refused) return 'ECONNREFUSED';
  if (delivered === before) return unanswered;
  return speakers.has('vm2') ? 'goes to the new VM' : 'continues';
}

/** A flow begun without and one begun with a floating address, while it comes and goes. */
function ownSources(): string {
  const router = new NatRouter();
  const [early, late] = [41_000, 42_000].map(port => udp('10.0.0.5', port, '203.0.113.200', 53));
  const source = (tuple: Tuple): number => (router.send('inside', tuple) as Tuple).source;
  router.nat = disassociated;
  const sources = [source(early)];
  router.nat = associated;
  sources.push(source(early), source(late));
  router.nat = disassociated;
  sources.push(source(late), source(early));
  const expected = [gateway, gateway, floating, floating, gateway];
  return sources.every((each, index) => each === expected[index]) ? 'keep their source' : 'change it';
}
