import {Controller} from '../../control/ovn/controller.ts';
import {Daemon} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import {IntegrationBridge} from '../../dataplane/integration-bridge.ts';
import type {Nic} from '../../dataplane/nic.ts';
import {ProviderBridge} from '../../dataplane/provider-bridge.ts';
import {Revalidators} from '../../dataplane/revalidators.ts';
import type {Station} from '../../dataplane/station.ts';
import {Tunnels, type Underlay} from '../../dataplane/tunnels.ts';
import {Vswitchd} from '../../dataplane/vswitchd.ts';
import type {Ground} from '../../ground.ts';
import type {OvsBfdSettings} from '../../protocols/ovs-bfd.ts';
import type {DatapathFlows} from '../../tables/datapath-flows.ts';
import type {GatewayGroups} from '../../tables/gateway-groups.ts';
import type {InstalledFlows} from '../../tables/installed-flows.ts';
import {LocalDatabase} from '../../tables/local-database.ts';
import type {NextHops} from '../../tables/next-hops.ts';
import {makeOpenFlowChannel} from '../../tables/openflow-channel.ts';
import type {SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, PortNumber, Topology} from '../../tables/topology.ts';
import type {Dialler} from '../../wire/stream.ts';
import {cutPower, restorePower} from '../power.ts';
import type {ChassisHost} from '../site.ts';

export type ChassisSurroundings = {
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly groups: GatewayGroups;
  readonly flows: InstalledFlows;
  readonly datapathFlows: DatapathFlows;
  readonly nextHops: NextHops;
  readonly underlay: Underlay;
  readonly bfd: OvsBfdSettings;
  readonly probeInterval: number;
  chassis(number: ChassisNumber): Chassis;
  vm(port: PortNumber): Station;
  dialler(chassis: ChassisNumber, management: Station): Dialler;
};

/** A compute or gateway host of OVN: its cards, its daemons and the VMs that run on it. */
export class Chassis {
  readonly number: ChassisNumber;
  readonly role: 'compute' | 'gateway';
  readonly host: Host;
  readonly nics: readonly Nic[];
  readonly management: Station;
  readonly tunnels: Tunnels;
  readonly bridge: IntegrationBridge;
  readonly vswitchd: Vswitchd;
  readonly controller: Controller;
  readonly daemons: {readonly 'ovs-vswitchd': Daemon; readonly 'ovn-controller': Daemon};
  readonly database = new LocalDatabase();
  readonly #among: ChassisSurroundings;
  #powered = true;

  constructor(
    ground: Ground,
    number: ChassisNumber,
    {role, host, nics, management}: ChassisHost,
    among: ChassisSurroundings,
  ) {
    this.number = number;
    this.role = role;
    this.host = host;
    this.nics = nics;
    this.management = management;
    this.#among = among;
    const {topology, contents, groups, flows, bfd, probeInterval} = among;
    const underlay = this.nic('underlay');
    const channel = makeOpenFlowChannel();
    const revalidators = new Revalidators(ground, host);
    const providers = new Map<string, ProviderBridge>();
    this.tunnels = new Tunnels(ground, number, underlay, among.underlay);
    this.bridge = new IntegrationBridge(ground, {
      chassis: number,
      name: host.name,
      topology,
      flows,
      tunnels: this.tunnels,
      channel,
      provider: segment => providers.get(segment),
      vm: port => (this.#powered && topology.homeOf(port) === number ? among.vm(port) : undefined),
    });
    for (const nic of nics) {
      if (nic.segment.kind !== 'provider') continue;
      const segment = nic.segment.name;
      const bridge = new ProviderBridge(ground, nic, revalidators, this.bridge, among.datapathFlows, (frame, passage) =>
        this.bridge.fromProvider(segment, frame, passage),
      );
      providers.set(segment, bridge);
    }
    this.vswitchd = new Vswitchd(ground, {
      chassis: number,
      host,
      topology,
      underlay,
      tunnels: this.tunnels,
      bridge: this.bridge,
      providers: [...providers.values()],
      revalidators,
      flows,
      channel,
      database: this.database,
      peer: peer => among.chassis(peer).vswitchd,
      whySilent: () => this.#whySilent(),
    });
    this.controller = new Controller(ground, {
      chassis: number,
      name: host.name,
      host,
      topology,
      contents,
      groups,
      dialler: among.dialler(number, management),
      channel,
      nextHops: among.nextHops,
      database: this.database,
      bfd,
      probeInterval,
      localPorts: () => (this.#powered ? topology.portsAt(number) : []),
    });
    this.daemons = {
      'ovs-vswitchd': new Daemon(ground, host, 'ovs-vswitchd', 'vswitchd-start', this.vswitchd),
      'ovn-controller': new Daemon(ground, host, 'ovn-controller', 'controller-start', this.controller),
    };
  }

  get name(): string {
    return this.host.name;
  }

  nic(name: 'underlay' | 'management'): Nic {
    const nic = this.nics.find(candidate => candidate.name === name);
    if (!nic) throw new Error(`${this.name} has no ${name} card`);
    return nic;
  }

  /** The power goes: cards, daemons and VMs with it. */
  crash(key: string): void {
    this.#powered = false;
    cutPower(this, key);
    for (const port of this.#among.topology.portsAt(this.number)) this.#among.vm(port).switch(false);
  }

  /** The power is back. The daemons start; the VMs stay down, as Nova leaves them. */
  boot(key: string): void {
    restorePower(this, key);
  }

  #whySilent(): number {
    const daemon = this.daemons['ovs-vswitchd'];
    return daemon.running && !daemon.hung ? 0 : daemon.cause;
  }
}
