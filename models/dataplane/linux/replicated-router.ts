import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {keepalivedDefaults, type KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import type {SettledRole} from '../../protocols/vrrp-port.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {ConntrackdProcess, type ConntrackdSettings} from '../conntrackd/conntrackd-process.ts';
import {Keepalived} from '../keepalived/keepalived.ts';
import type {VirtualRouters} from '../keepalived/virtual-routers.ts';
import type {Passage, Verdict} from '../passage.ts';
import {HealthCheck} from './health-check.ts';
import type {Namespace} from './namespace.ts';
import type {TrackedConnections} from './tracked-connections.ts';

export type ReplicatedRouterSettings = {
  readonly host: Host;
  /** The router, as results call it. */
  readonly name: string;
  /** Who else runs virtual routers on the HA network. */
  readonly peers: VirtualRouters;
  /** Undefined: backups are told of no connections. */
  readonly conntrackd: ConntrackdSettings | undefined;
};

/**
 * What makes one of several namespaces with the same router the one that has its addresses, keepalived and its health check;
 * and what tells the others of its connections, conntrackd.
 */
export class ReplicatedRouter {
  readonly keepalived: Keepalived;
  readonly conntrackd: ConntrackdProcess | undefined;
  readonly #namespace: Namespace;
  readonly #healthCheck: HealthCheck;

  constructor(
    ground: Ground,
    namespace: Namespace,
    connections: TrackedConnections,
    {host, name, peers, conntrackd}: ReplicatedRouterSettings,
  ) {
    this.#namespace = namespace;
    this.#healthCheck = new HealthCheck(ground, namespace, () => this.keepalived.vrrp.configuration);
    this.keepalived = new Keepalived(
      ground,
      host,
      {globals: keepalivedDefaults, scripts: [], instances: []},
      {
        namespace,
        routers: peers,
        nameOf: () => name,
        isUp: device => namespace.interfaces.has(device),
        scripts: this.#healthCheck,
      },
      {of: name, startedBy: 'another program'},
    );
    this.conntrackd = conntrackd && new ConntrackdProcess(ground, namespace, connections, conntrackd);
  }

  /** Whether it has the addresses, rightly or not. */
  get hasAddresses(): boolean {
    const [instance] = this.keepalived.vrrp.configuration.instances;
    if (instance === undefined) return false;
    const {virtualAddresses} = instance;
    return virtualAddresses.every(({address}) => this.#namespace.isLocal(address));
  }

  /** keepalived has long been running with this file, and is what `role` says. */
  beginSettled(configuration: KeepalivedConfiguration, role: SettledRole): void {
    this.keepalived.vrrp.configure(configuration);
    this.keepalived.vrrp.prepareSettled();
    this.keepalived.beginSettled(() => role);
    this.conntrackd?.beginSettled();
  }

  /** A device was plugged or unplugged. */
  linkChanged(device: string, up: boolean): void {
    this.keepalived.vrrp.linkChanged(device, up);
  }

  arrive(packet: Ipv4Packet, passage: Passage, device: string): Verdict | undefined {
    return (
      this.keepalived.arrive(packet, device, passage) ??
      this.conntrackd?.arrive(packet, passage) ??
      this.#healthCheck.arrive(packet)
    );
  }

  /** The power goes, or the namespace. */
  kill(how: string): void {
    this.keepalived.daemon.kill('namespace', how);
    this.conntrackd?.kill(how);
  }
}
