import {milliseconds, seconds} from '../../../engine/time.ts';
import {NamespaceTranslation} from '../../../models/dataplane/linux/namespace-translation.ts';
import type {Namespace} from '../../../models/dataplane/linux/namespace.ts';
import {delivered, type DropReason} from '../../../models/dataplane/passage.ts';
import {ConntrackHost, defaultConntrackLimits} from '../../../models/protocols/conntrack-host.ts';
import {centralNatTable, externalIngressMark} from '../../../models/protocols/neutron-nat-rules.ts';
import {unreachableCodes} from '../../../models/wire/icmp.ts';
import {routerWithFloatingIp} from '../../support/nat-router.ts';
import {ip, type Lan, type Member} from './lan.ts';

export const floating = ip('203.0.113.50');
const gatewayDevice = 'qg-0c1d2e3f-4a';
const gateway = {address: ip('203.0.113.10'), length: 24};

type Name = 'outside' | 'vm1' | 'vm2';

/** A `qrouter` between a host outside and two VMs; its floating address leads to the first of them. */
export class FloatingLab {
  readonly translation: NamespaceTranslation;
  readonly members: Readonly<Record<Name, Member>>;
  readonly #lan: Lan;
  readonly #router: Namespace;
  /** Who took in a packet. */
  #arrived: Name[] = [];
  /** Whether somebody has been told that nobody listens. */
  #refused = false;

  constructor(lan: Lan, limits = defaultConntrackLimits) {
    this.#lan = lan;
    const [beyond, inside] = [lan.bridge('outside'), lan.bridge('inside')];
    this.#router = lan.namespace('qrouter');
    this.#router.receive = undefined;
    lan.link(this.#router, gatewayDevice, '203.0.113.10/24', beyond);
    lan.link(this.#router, 'qr-1', '10.0.0.1/24', inside);
    this.setFloating(true);
    this.translation = new NamespaceTranslation(lan.ground, {
      ...{place: 'qrouter', number: 0},
      host: new ConntrackHost(limits, {phase: lan.kernelPhase, secret: 1, startedAt: 0}),
      rearm: () => undefined,
      markOf: device => (device === gatewayDevice ? externalIngressMark : 0),
      addressOf: () => undefined,
    });
    this.translation.table = centralNatTable(routerWithFloatingIp);
    this.#router.translation = this.translation;
    this.members = {
      outside: lan.machine('outside', '203.0.113.200/24', [], beyond),
      vm1: lan.machine('vm1', '10.0.0.5/24', [], inside),
      vm2: lan.machine('vm2', '10.0.0.6/24', [], inside),
    };
    for (const {namespace} of [this.members.vm1, this.members.vm2]) {
      namespace.addRoute({prefix: {address: 0, length: 0}, device: 'eth0', via: ip('10.0.0.1'), source: undefined});
    }
    for (const name of ['outside', 'vm1', 'vm2'] as const) {
      this.members[name].namespace.receive = ({payload}) => {
        this.#refused ||= payload.kind === 'icmp-unreachable' && payload.code === unreachableCodes.port;
        this.#arrived.push(name);
        return delivered;
      };
    }
  }

  /** Whether the router has the floating address. */
  setFloating(on: boolean): void {
    const others = on ? [{address: floating, length: 32}] : [];
    this.#router.setAddresses(gatewayDevice, [gateway, ...others]);
  }

  /** A packet from outside to the floating address. Who gets it, or what is said or known of why nobody does. */
  ask(sourcePort: number): Name | DropReason | 'port unreachable' | undefined {
    this.#arrived = [];
    this.#refused = false;
    const packet = this.#lan.udp(this.members.outside.namespace, floating, {sourcePort});
    this.#lan.pass(milliseconds(100));
    if (this.#refused) return 'port unreachable';
    const [reached] = this.#arrived;
    if (reached) return reached;
    this.#lan.pass(seconds(8));
    const verdict = this.#lan.fateOf(packet)?.verdict;
    return verdict?.kind === 'dropped' ? verdict.reason : undefined;
  }

  /** Whether anything has come back to the host outside since it last asked. */
  get answered(): boolean {
    return this.#arrived.includes('outside');
  }
}
