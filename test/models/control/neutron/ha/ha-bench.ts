import {milliseconds, seconds, toSeconds} from '../../../../../engine/time.ts';
import {HaHost} from '../../../../../models/control/neutron/ha-host.ts';
import {HaTransitions} from '../../../../../models/control/neutron/ha-transitions.ts';
import {Process} from '../../../../../models/control/neutron/process.ts';
import {traitsOf, type Release} from '../../../../../models/control/neutron/releases.ts';
import type {Rpc} from '../../../../../models/control/neutron/rpc.ts';
import {neutronDefaults} from '../../../../../models/control/neutron/settings.ts';
import {HostProfile} from '../../../../../models/daemons/host-profile.ts';
import {Host} from '../../../../../models/daemons/host.ts';
import type {AddressWatcher, HostRouters} from '../../../../../models/tables/host-network.ts';
import type {NeutronInventory, NeutronPort} from '../../../../../models/tables/neutron-inventory.ts';
import {formatIpv4, parseIpv4, type Ipv4} from '../../../../../models/wire/ipv4.ts';
import {makeGround, passUntil} from '../../../../support/ground.ts';

/** How long the monitor takes to start, and to handle a change. */
export const startTakes = seconds(1);
export const changeTakes = milliseconds(10);

/** The address that says who is primary of virtual router 7. */
export const primaryVip = '169.254.0.7';

const [haPort, inside] = [0, 1];

const port = (number: number, kind: NeutronPort['kind'], address: string): NeutronPort => ({
  ...{number, id: `port-${number}`, owner: 'r1', kind, network: 0, mac: 0xfa163e000000 + number},
  ...{address: parseIpv4(address)!, router: 0, home: undefined, security: undefined},
});

const router = (number: number, name: string) => ({
  ...{number, name, id: name, interfaces: [inside], gateway: undefined, snat: false, routes: []},
  ha: {virtualRouterId: 7, network: 0, ports: new Map([[0, haPort]])},
});

const inventory: NeutronInventory = {
  ...{chassis: ['net1'], networks: [], floating: [], securityGroups: []},
  ports: [port(haPort, 'router ha interface', '169.254.192.5'), port(inside, 'router interface', '10.1.0.1')],
  routers: [router(0, 'r1'), router(1, 'r2')],
};

/** What of one highly available router is on a node beside keepalived, whose part a test plays; all that follows as lines of text. */
export class HaBench {
  readonly lines: string[] = [];
  readonly home: HaHost;
  readonly transitions: HaTransitions;
  readonly #ground = makeGround();
  readonly #addresses = new Map<number, Ipv4[]>();
  #watcher: AddressWatcher | undefined;

  constructor(release: Release = 'caracal') {
    const profile = new Map(
      Object.entries({'ha-monitor-start': startTakes, 'ha-monitor': changeTakes}).map(([step, time]) => [
        step,
        [time, time] as const,
      ]),
    );
    const host = new Host(this.#ground, 'net1', new HostProfile('quiet', profile));
    const traits = traitsOf(release);
    const surroundings = {chassis: 0, host, inventory, network: this.#network(), traits, syncsConnections: false};
    this.home = new HaHost(this.#ground, surroundings);
    const rpc = {
      cast: function* (_to: unknown, _method: string, {states}: {readonly states: readonly object[]}) {
        note(`server told: ${states.map(state => Object.values(state).join(' ')).join(', ')}`);
      },
    } as unknown as Rpc;
    const note = (line: string): void => {
      this.#note(line);
    };
    const settings = {...neutronDefaults, release};
    const among = {chassis: 0, name: 'net1', inventory, settings, haHost: this.home};
    this.transitions = new HaTransitions(this.#ground, new Process(this.#ground), rpc, among);
    this.home.agent = (number, state) => {
      this.#note(`agent told: r${number + 1} is ${state}`);
    };
  }

  /** Runs up to a moment, in seconds. */
  at(until: number): this {
    passUntil(this.#ground, seconds(until));
    return this;
  }

  /** keepalived sets an address on the HA device or inside, or takes it away. */
  set(address: string, present: boolean, on: 'ha' | 'inside' = 'ha'): this {
    const number = on === 'ha' ? haPort : inside;
    const parsed = parseIpv4(address)!;
    const others = (this.#addresses.get(number) ?? []).filter(other => other !== parsed);
    this.#addresses.set(number, present ? [...others, parsed] : others);
    this.#watcher?.(number, parsed, present);
    return this;
  }

  get monitor() {
    return this.home.monitors.get(0)!.daemon;
  }

  /** What has happened since it was last asked. */
  take(): readonly string[] {
    return this.lines.splice(0);
  }

  #network(): HostRouters {
    return {
      addressesOf: (number: number) => this.#addresses.get(number) ?? [],
      watchAddresses: (_router: number, watcher: AddressWatcher | undefined) => {
        this.#watcher = watcher;
      },
      announce: (number: number, address: Ipv4) => {
        this.#note(`announces ${formatIpv4(address)} on ${number === haPort ? 'ha' : 'inside'}`);
      },
      runRouterProxy: () => undefined,
    } as unknown as HostRouters;
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#ground.engine.now).toFixed(3)} ${line}`);
  }
}
