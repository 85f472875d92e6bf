import {seconds, type Time} from '../../../engine/time.ts';
import {Daemon, type Program} from '../../daemons/daemon.ts';
import type {Ground} from '../../ground.ts';
import type {ConntrackdCommand} from '../../protocols/conntrackd/conntrackd.ts';
import type {NeutronPortNumber, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {primaryAddress} from './ha-configuration.ts';
import type {HaHost, HaHostSurroundings, RouterState} from './ha-host.ts';
import {Inbox} from './inbox.ts';
import {Process, type Thread} from './process.ts';

/** neutron/agent/linux/ip_lib.py, send_ip_addr_adv_notif: three times, two seconds apart. */
const announcements = 3;
const announcementInterval: Time = seconds(2);

/**
 * What conntrackd is told (sync_conntrack): a primary lets it commit what it was told, forget that, read the kernel anew and tell
 * the others; a backup lets it empty the kernel's table some time later and ask the others.
 */
const syncs: Readonly<Record<RouterState, readonly ConntrackdCommand[]>> = {
  primary: ['-c', '-f', '-R', '-B'],
  backup: ['-t', '-n'],
};

/**
 * neutron-keepalived-state-change: watches whether the address of the primary is on a router's HA device, writes that down
 * and tells the L3 agent (neutron/agent/l3/keepalived_state_change.py). If nobody is at the agent's socket it ends with an
 * error.
 */
export class StateChangeMonitor implements Program {
  readonly daemon: Daemon;
  readonly #ground: Ground;
  readonly #router: RouterNumber;
  readonly #home: HaHost;
  readonly #among: HaHostSurroundings;
  readonly #process: Process;
  readonly #haPort: NeutronPortNumber;
  readonly #primary: Ipv4;

  constructor(ground: Ground, router: RouterNumber, home: HaHost, among: HaHostSurroundings) {
    const {inventory, chassis, host} = among;
    const {ha, name} = inventory.routers[router];
    const haPort = ha?.ports.get(chassis);
    if (!ha || haPort === undefined) throw new Error(`router ${name} is not highly available on chassis ${chassis}`);
    this.#ground = ground;
    this.#router = router;
    this.#home = home;
    this.#among = among;
    this.#process = new Process(ground);
    this.#haPort = haPort;
    this.#primary = primaryAddress(ha.virtualRouterId);
    const options = {of: name, startedBy: 'another program'} as const;
    this.daemon = new Daemon(ground, host, 'neutron-keepalived-state-change', 'ha-monitor-start', this, options);
  }

  /** It has long been watching. */
  beginSettled(): void {
    this.daemon.beginSettled();
    this.#watch();
  }

  start(): void {
    const changes = this.#watch();
    changes.put(this.#among.network.addressesOf(this.#haPort).includes(this.#primary) ? 'primary' : 'backup');
  }

  die(): void {
    this.#process.die();
    this.#among.network.watchAddresses(this.#router, undefined);
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  #watch(): Inbox<RouterState> {
    const changes = new Inbox<RouterState>(this.#ground.engine);
    this.#among.network.watchAddresses(this.#router, (port, address, present) => {
      if (port === this.#haPort && address === this.#primary) changes.put(present ? 'primary' : 'backup');
      else if (port !== this.#haPort && present && this.#among.traits.monitorAnnounces) {
        this.#process.run(this.#announce(port, address));
      }
    });
    this.#process.run(this.#tell(changes));
    return changes;
  }

  *#tell(changes: Inbox<RouterState>): Thread {
    for (;;) {
      const state = yield* changes.take();
      yield* this.#step();
      this.#home.stateFiles.set(this.#router, state);
      if (this.#among.syncsConnections) for (const command of syncs[state]) yield* this.#conntrackd(command);
      if (!this.#home.agent) {
        this.daemon.exit('nobody answered at the socket of the L3 agent');
        return;
      }
      this.#home.agent(this.#router, state);
    }
  }

  /** Runs `conntrackd` with a command; whether it fails is nothing to the monitor. */
  *#conntrackd(command: ConntrackdCommand): Thread {
    const {host, network} = this.#among;
    yield* this.#process.sleep(host.take('conntrackd-command', this.daemon.label));
    yield done => {
      network.commandConntrackd(this.#router, command, done);
    };
  }

  *#announce(port: NeutronPortNumber, address: Ipv4): Thread {
    const {host, inventory, network} = this.#among;
    const {engine, journal} = this.#ground;
    yield* this.#step();
    for (let round = 1; round <= announcements; round++) {
      if (round > 1) yield* this.#process.sleep(announcementInterval);
      if (!network.addressesOf(port).includes(address)) return;
      const {mac} = inventory.ports[port];
      engine.cause = journal.announce('address announced', {chassis: host.name, address, mac, round});
      network.announce(port, address);
    }
  }

  *#step(): Thread {
    yield* this.#process.sleep(this.#among.host.take('ha-monitor', this.daemon.label));
  }
}
