import {seconds} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {FlowEnd} from '../../dataplane/flow-end.ts';
import {Keepalived} from '../../dataplane/keepalived/keepalived.ts';
import type {VirtualRouters} from '../../dataplane/keepalived/virtual-routers.ts';
import {Namespace} from '../../dataplane/linux/namespace.ts';
import {makeNeighbouringHost} from '../../dataplane/neighbouring-host.ts';
import type {Nic} from '../../dataplane/nic.ts';
import type {Passage, Verdict} from '../../dataplane/passage.ts';
import type {Machine} from '../../faults/fault-injector.ts';
import type {Ground} from '../../ground.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {MachinePlan} from '../world-plan.ts';

/** A machine on LANs: its cards, its kernel, and keepalived if it runs there. */
export class LanMachine implements Machine {
  readonly plan: MachinePlan;
  readonly role = 'machine';
  readonly nics: readonly Nic[];
  readonly namespace: Namespace;
  readonly keepalived: Keepalived | undefined;
  readonly daemons: Readonly<Record<string, Keepalived>>;
  readonly scripts: NonNullable<Machine['scripts']>;
  /** The machine as an end of flows, by its first address. */
  readonly end: FlowEnd & {life: number};
  /** What makes a script fail at present. */
  readonly #failing = new Map<string, Set<string>>();
  /** The announcement since which a script finds what it finds. */
  readonly #scriptCauses = new Map<string, number>();
  readonly #addresses: ReadonlySet<Ipv4>;

  constructor(
    ground: Ground,
    plan: MachinePlan,
    {host, nics}: {readonly host: Host; readonly nics: readonly Nic[]},
    routers: VirtualRouters,
  ) {
    this.plan = plan;
    this.nics = nics;
    this.#addresses = new Set(plan.interfaces.flatMap(({address}) => (address ? [address.address] : [])));
    this.namespace = makeNamespace(ground, plan, host);
    for (const nic of nics) {
      this.namespace.addInterface(nic.name, {mac: nic.mac, addresses: [], mtu: nic.segment.mtu}, nic);
      nic.receiver = (frame, passage) => this.namespace.arrive(nic.name, frame, passage);
      nic.onCarrier = up => {
        this.#carrierChanged(nic.name, up);
      };
    }
    this.#configure();
    this.scripts = {
      fail: (script, key) => {
        this.#failing.set(script, (this.#failing.get(script) ?? new Set()).add(key));
        this.#scriptCauses.set(script, ground.engine.cause);
      },
      mend: (script, key) => {
        this.#failing.get(script)?.delete(key);
        this.#scriptCauses.set(script, ground.engine.cause);
      },
    };
    this.keepalived =
      plan.keepalived &&
      new Keepalived(ground, host, plan.keepalived, {
        namespace: this.namespace,
        routers,
        isUp: device => nics.find(({name}) => name === device)?.carrier === true,
        scripts: {
          succeeds: name => (this.#failing.get(name)?.size ?? 0) === 0,
          causeOf: name => this.#scriptCauses.get(name) ?? 0,
        },
      });
    this.daemons = this.keepalived ? {keepalived: this.keepalived} : {};
    this.namespace.receive = (packet, passage, device) => this.#receive(packet, passage, device);
    this.end = {
      name: plan.name,
      address: [...this.#addresses].at(0) ?? 0,
      kernelPhase: host.kernelPhase,
      life: 0,
      mtuTo: destination => this.namespace.mtuTo(destination),
      learnMtu: (destination, mtu) => {
        this.namespace.learnMtu(destination, mtu);
      },
      send: (packet, passage) => this.namespace.send(packet, passage),
    };
  }

  get name(): string {
    return this.plan.name;
  }

  /** The power goes: links, processes, and all that was set in the kernel. */
  crash(key: string): void {
    for (const nic of this.nics) nic.cut(key);
    this.keepalived?.daemon.kill(key, 'chassis crashed');
    this.end.life += 1;
    this.namespace.remove();
    for (const {name} of this.nics) this.namespace.setAddresses(name, []);
    this.namespace.removeRoute(() => true);
  }

  /** The power is back: the network is set up as it was once, then keepalived starts. */
  boot(key: string): void {
    this.namespace.restore();
    this.#configure();
    for (const nic of this.nics) nic.mend(key);
    for (const device of this.namespace.interfaces.values()) device.up();
    this.keepalived?.daemon.release(key);
  }

  #configure(): void {
    for (const {name, address} of this.plan.interfaces) this.namespace.setAddresses(name, address ? [address] : []);
    for (const route of this.plan.routes) this.namespace.addRoute({...route, source: undefined});
  }

  #carrierChanged(device: string, up: boolean): void {
    if (!up) this.namespace.interfaces.get(device)?.carrierLost();
    this.keepalived?.vrrp.linkChanged(device, up);
  }

  /** Adverts are keepalived's; what is for an own address is a flow's; the kernel answers pings to virtual ones. */
  #receive(packet: Ipv4Packet, passage: Passage, device: string): Verdict | undefined {
    if (packet.payload.kind === 'vrrp') return this.keepalived?.arrive(packet, device, passage);
    return this.#addresses.has(packet.destination) ? passage.arrive?.(this.name, packet, passage) : undefined;
  }
}

function makeNamespace(ground: Ground, {name, forwards, sysctls}: MachinePlan, {kernelPhase}: Host): Namespace {
  const tidyAt = Math.floor(ground.chance.sequence(`${name}/kernel`)() * seconds(15.1));
  const neighbours = makeNeighbouringHost(ground, name, {phase: kernelPhase, tidyAt}, sysctls);
  return new Namespace(ground, {host: name, name: 'host', kernelPhase, neighbours, sysctls, forwards});
}
