import {milliseconds, seconds, toSeconds} from '../../../../engine/time.ts';
import {DeviceCauses} from '../../../../models/control/neutron/device-causes.ts';
import {HaHost} from '../../../../models/control/neutron/ha-host.ts';
import {L2Agent} from '../../../../models/control/neutron/l2-agent.ts';
import {L3Agent} from '../../../../models/control/neutron/l3-agent.ts';
import {MessageBroker} from '../../../../models/control/neutron/message-broker.ts';
import type {QueueDeclaration} from '../../../../models/control/neutron/messages.ts';
import {NeutronServer} from '../../../../models/control/neutron/server.ts';
import {settleHost} from '../../../../models/control/neutron/settle-host.ts';
import {traitsOf} from '../../../../models/control/neutron/releases.ts';
import {neutronDefaults, type NeutronSettings} from '../../../../models/control/neutron/settings.ts';
import {Daemon} from '../../../../models/daemons/daemon.ts';
import {HostProfile} from '../../../../models/daemons/host-profile.ts';
import {Host} from '../../../../models/daemons/host.ts';
import type {Announcement} from '../../../../models/events/announcements.ts';
import type {Ground} from '../../../../models/ground.ts';
import type {HostBridges, HostRouters} from '../../../../models/tables/host-network.ts';
import {NeutronContents} from '../../../../models/tables/neutron-contents.ts';
import {deviceName, type NeutronInventory, type NeutronPort} from '../../../../models/tables/neutron-inventory.ts';
import {defaultGroupRules, newGroupRules} from '../../../../models/protocols/security-group.ts';
import {formatIpv4, parseCidr, parseIpv4, type Ipv4} from '../../../../models/wire/ipv4.ts';
import type {Dialler, Stream, StreamEnd} from '../../../../models/wire/stream.ts';
import {announcementLine, makeGround, passUntil} from '../../../support/ground.ts';
import {RecordingFirewall} from './recording-firewall.ts';

/** What each step takes on the bench, in milliseconds: whole numbers that can be told apart in a sum. */
export const stepTimes = {
  'bus-route': 1,
  'server-rpc': 20,
  'server-port': 30,
  'server-router': 100,
  'server-rule': 15,
  'l2-scan': 10,
  'l2-filter': 50,
  'l2-set': 4,
  'l2-conntrack': 3,
  'l2-wire': 200,
  'l2-forward': 10,
  'l3-namespace': 200,
  'l3-port': 300,
  'l3-nat': 250,
  'l3-floating': 50,
  'l3-remove': 100,
  'agent-start': 3000,
  'neutron-server-start': 10_000,
  'bus-start': 8000,
} as const;

export function benchHost(ground: Ground, name: string): Host {
  const own = Object.entries(stepTimes).map(([step, time]) => {
    return [step, [milliseconds(time), milliseconds(time)]] as const;
  });
  return new Host(ground, name, new HostProfile('quiet', new Map(own)));
}

/** A path over the management network: whole, or cut without a word. What is sent meanwhile arrives when it is whole. */
export class BenchPath {
  readonly #ground: Ground;
  readonly #broker: MessageBroker;
  #cut = false;
  #held: (() => void)[] = [];
  #ends: BenchEnd[] = [];

  constructor(ground: Ground, broker: MessageBroker) {
    this.#ground = ground;
    this.#broker = broker;
  }

  cut(): void {
    this.#cut = true;
  }

  mend(): void {
    this.#cut = false;
    const held = this.#held;
    this.#held = [];
    for (const act of held) act();
  }

  /** Both programs are told that their connections are gone. */
  reset(): void {
    for (const end of this.#ends) end.reset();
    this.#ends = [];
  }

  carry(act: () => void): void {
    if (this.#cut) this.#held.push(act);
    else this.#ground.later.at(this.#ground.engine.now, act);
  }

  pair(): readonly [Stream, Stream] {
    const [client, server] = [new BenchEnd(this), new BenchEnd(this)];
    client.other = server;
    server.other = client;
    this.#ends.push(client, server);
    return [client, server];
  }

  get dialler(): Dialler {
    return {
      connect: outcome => {
        let givenUp = false;
        this.carry(() => {
          if (givenUp) return;
          if (!this.#broker.listening) {
            outcome('refused');
            return;
          }
          const [client, server] = this.pair();
          this.#broker.accept(server);
          outcome(client);
        });
        return () => {
          givenUp = true;
        };
      },
    };
  }
}

class BenchEnd implements Stream {
  onMessage: ((message: object) => void) | undefined;
  onEnd: ((why: StreamEnd) => void) | undefined;
  other: BenchEnd | undefined;
  #open = true;
  readonly #path: BenchPath;

  constructor(path: BenchPath) {
    this.#path = path;
  }

  send(message: object): void {
    if (!this.#open) return;
    this.#path.carry(() => this.other?.arrive(message));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#path.carry(() => this.other?.end('closed by peer'));
  }

  reset(): void {
    this.end('reset by peer');
  }

  arrive(message: object): void {
    if (this.#open) this.onMessage?.(message);
  }

  end(why: StreamEnd): void {
    if (!this.#open) return;
    this.#open = false;
    this.onEnd?.(why);
  }
}

const ipv4 = (text: string): Ipv4 => parseIpv4(text)!;
const cidr = (text: string) => parseCidr(text)!;
const uuid = (number: number): string => `${String(number).padStart(8, '0')}-0000-0000-0000-000000000000`;

const chassis = ['cn1', 'cn2', 'gw1', 'gw2'] as const;
type Chassis = (typeof chassis)[number];

type PortSketch = readonly [owner: string, kind: NeutronPort['kind'], network: number, address: string, home?: Chassis];

/** Two routers that have a network each; VMs of the first network on both computes, of the second on cn2. */
const sketches: readonly PortSketch[] = [
  ['vm1', 'vm', 0, '10.1.0.11', 'cn1'],
  ['vm2', 'vm', 0, '10.1.0.12', 'cn2'],
  ['vm3', 'vm', 1, '10.2.0.13', 'cn2'],
  ['r1', 'router interface', 0, '10.1.0.1'],
  ['r1', 'router gateway', 2, '203.0.113.11'],
  ['r2', 'router interface', 1, '10.2.0.1'],
  ['r2', 'router gateway', 2, '203.0.113.12'],
];

/** Ids of two groups: VMs of the first network let each other in, those of the second let these in. */
export const [web, db] = ['we000000-0000-0000-0000-000000000000', 'db000000-0000-0000-0000-000000000000'];

const ports = sketches.map(([owner, kind, network, address, home], number): NeutronPort => {
  const router = kind === 'vm' ? undefined : owner === 'r1' ? 0 : 1;
  return {
    ...{number, id: uuid(number), owner, kind, network, router, address: ipv4(address)},
    mac: 0xfa163e000000 + number,
    home: home === undefined ? undefined : chassis.indexOf(home),
    security: kind === 'vm' ? {enabled: true, groups: [network === 0 ? web : db], pairs: []} : undefined,
  };
});

const network = (number: number, name: string, type: 'vxlan' | 'flat', prefix: string) => ({
  ...{number, name, id: uuid(100 + number), type, cidr: cidr(prefix), mtu: 1450},
  segmentation: type === 'vxlan' ? 100 + number : undefined,
  segment: type === 'vxlan' ? undefined : 'provider',
  gateway: undefined,
  external: type === 'flat',
  dhcp: undefined,
});

const router = (number: number, name: string, interfaces: number, gateway: number) => ({
  ...{number, name, id: uuid(200 + number), interfaces: [interfaces], gateway, snat: true, routes: [], ha: undefined},
});

export const inventory: NeutronInventory = {
  chassis,
  networks: [
    network(0, 'blue', 'vxlan', '10.1.0.0/24'),
    network(1, 'green', 'vxlan', '10.2.0.0/24'),
    network(2, 'public', 'flat', '203.0.113.0/24'),
  ],
  ports,
  routers: [router(0, 'r1', 3, 4), router(1, 'r2', 5, 6)],
  floating: [{number: 0, address: ipv4('203.0.113.50'), id: uuid(300), router: 0}],
  securityGroups: [
    {name: 'web', id: web, rules: defaultGroupRules(web)},
    {name: 'db', id: db, rules: [...newGroupRules, {direction: 'ingress', remoteGroup: web}]},
  ],
};

const endpoints = chassis.map((_, number) => ipv4(`192.0.2.${number + 1}`));

/** The kernel of one host: does what it is asked, and writes down when it changed something. */
export class RecordingHost implements HostBridges, HostRouters {
  readonly lines: string[] = [];
  readonly vms = new Set<number>();
  readonly #ground: Ground;
  readonly #things = new Set<string>();
  readonly #routerPorts = new Set<number>();
  readonly #indices = new Map<number, number>();
  readonly #floating = new Set<number>();
  #rules: ReadonlyMap<number, Ipv4> = new Map();
  readonly #proxies = new Set<number>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  devices(): readonly number[] {
    return [...this.vms, ...this.#routerPorts].sort((a, b) => a - b);
  }

  deviceIndex(port: number): number {
    return this.#indices.get(port) ?? 0;
  }

  addressesOf(port: number): readonly Ipv4[] {
    if (!this.#routerPorts.has(port)) return [];
    const isGateway = ports[port].kind === 'router gateway' && ports[port].router === 0;
    const addresses = [...(isGateway ? this.#floating : [])].map(number => inventory.floating[number].address);
    return [ports[port].address, ...addresses];
  }

  /** What is there, in one line each. */
  get things(): readonly string[] {
    return [...this.#things].sort();
  }

  /** The power goes, and with it everything but what the VMs and routers were. */
  crash(): void {
    this.#things.clear();
    this.#routerPorts.clear();
    this.#floating.clear();
    this.#rules = new Map();
    this.#proxies.clear();
    this.lines.length = 0;
  }

  plug(port: number): void {
    this.#add(`plug ${label(port)}`);
  }

  unplug(port: number): void {
    this.#remove(`plug ${label(port)}`);
  }

  reaches(): boolean {
    return true;
  }

  addRemote(_network: number, mac: number, endpoint: Ipv4): void {
    const owner = label(mac - 0xfa163e000000);
    if (this.#things.has(`remote ${owner} at ${place(endpoint)}`)) return;
    for (const thing of this.#things) if (thing.startsWith(`remote ${owner} `)) this.#things.delete(thing);
    this.#add(`remote ${owner} at ${place(endpoint)}`);
  }

  removeRemote(_network: number, mac: number, endpoint: Ipv4): void {
    this.#remove(`remote ${label(mac - 0xfa163e000000)} at ${place(endpoint)}`);
  }

  addFlood(number: number, endpoint: Ipv4): void {
    this.#add(`flood ${inventory.networks[number].name} to ${place(endpoint)}`);
  }

  removeFlood(number: number, endpoint: Ipv4): void {
    this.#remove(`flood ${inventory.networks[number].name} to ${place(endpoint)}`);
  }

  addResponder(_network: number, address: Ipv4): void {
    this.#add(`answer for ${formatIpv4(address)}`);
  }

  removeResponder(_network: number, address: Ipv4): void {
    this.#remove(`answer for ${formatIpv4(address)}`);
  }

  runsRouterProxy(number: number): boolean {
    return this.#proxies.has(number);
  }

  runRouterProxy(number: number, runs: boolean): void {
    if (runs) this.#proxies.add(number);
    else this.#proxies.delete(number);
  }

  keepalivedRuns(number: number): boolean {
    return this.#things.has(`keepalived of ${inventory.routers[number].name}`);
  }

  enableKeepalived(number: number): void {
    this.#add(`keepalived of ${inventory.routers[number].name}`);
  }

  disableKeepalived(number: number): void {
    this.#remove(`keepalived of ${inventory.routers[number].name}`);
  }

  conntrackdRuns(number: number): boolean {
    return this.#things.has(`conntrackd of ${inventory.routers[number].name}`);
  }

  conntrackdAnswers(number: number): boolean {
    return this.conntrackdRuns(number);
  }

  enableConntrackd(number: number): void {
    this.#add(`conntrackd of ${inventory.routers[number].name}`);
  }

  disableConntrackd(number: number): void {
    this.#remove(`conntrackd of ${inventory.routers[number].name}`);
  }

  commandConntrackd(_number: number, _command: string, done: () => void): void {
    done();
  }

  watchAddresses(): void {
    // Nobody is told of any.
  }

  addRouter(number: number): void {
    this.#add(`namespace ${inventory.routers[number].name}`);
  }

  removeRouter(number: number): void {
    const {interfaces, gateway} = inventory.routers[number];
    for (const port of [...interfaces, gateway!]) this.removeRouterPort(port);
    this.#remove(`namespace ${inventory.routers[number].name}`);
  }

  addRouterPort(port: number): void {
    if (!this.#routerPorts.has(port)) this.#indices.set(port, (this.#indices.get(port) ?? 0) + 1);
    this.#routerPorts.add(port);
    this.#add(`interface ${label(port)}`);
  }

  removeRouterPort(port: number): void {
    this.#routerPorts.delete(port);
    this.#remove(`interface ${label(port)}`);
    this.#things.delete(`plug ${label(port)}`);
  }

  addRouterRoutes(): void {
    // The routers have none.
  }

  writeRules(router: number, floating: ReadonlyMap<number, Ipv4>): void {
    if (router !== 0) return;
    for (const [number, fixed] of floating) {
      if (this.#rules.get(number) !== fixed) this.#note(`rules → ${formatIpv4(fixed)}`);
    }
    if ([...this.#rules.keys()].some(number => !floating.has(number))) this.#note('no rules');
    this.#rules = floating;
  }

  addFloating(floating: number): void {
    if (this.#floating.has(floating)) return;
    this.#floating.add(floating);
    this.#note('floating');
  }

  removeFloating(floating: number): void {
    if (this.#floating.delete(floating)) this.#note('no floating');
  }

  deleteConnections(): void {
    this.#note('connections deleted');
  }

  announce(port: number, address?: Ipv4): void {
    const isWired = this.#things.has(`plug ${label(port)}`);
    this.#note(`announces ${formatIpv4(address!)}${isWired ? '' : ' to nobody'}`);
  }

  #add(thing: string): void {
    if (this.#things.has(thing)) return;
    this.#things.add(thing);
    this.#note(thing);
  }

  #remove(thing: string): void {
    if (this.#things.delete(thing)) this.#note(`no ${thing}`);
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#ground.engine.now).toFixed(3)} ${line}`);
  }
}

function label(port: number): string {
  const {owner, kind} = ports[port];
  return kind === 'vm' ? owner : `${kind === 'router gateway' ? 'qg' : 'qr'} of ${owner}`;
}

function place(endpoint: Ipv4): string {
  return chassis[endpoints.indexOf(endpoint)];
}

/** The options that the tests change. Without a fault everything is as after a long quiet time. */
export type CloudOptions = {
  readonly settings?: Partial<NeutronSettings>;
  /** The chassis that hosts each router; by default both are on gw1. */
  readonly routers?: readonly (number | undefined)[];
  readonly floating?: readonly (number | undefined)[];
  readonly seed?: string;
};

/** A controller, two computes and two network nodes, with what their agents do. */
export class NeutronCloud {
  readonly ground: Ground;
  readonly settings: NeutronSettings;
  readonly contents: NeutronContents;
  readonly broker: MessageBroker;
  readonly server: NeutronServer;
  readonly hosts = new Map<Chassis, RecordingHost>();
  readonly firewalls = new Map<Chassis, RecordingFirewall>();
  readonly paths = new Map<Chassis | 'server', BenchPath>();
  readonly daemons = new Map<string, Daemon>();

  constructor({settings, routers = [2, 2], floating = [0], seed = '1'}: CloudOptions = {}) {
    this.ground = makeGround(seed);
    this.settings = {...neutronDefaults, ...settings};
    const hosting = routers.map(agent => (agent === undefined ? [] : [agent]));
    this.contents = new NeutronContents(inventory, {
      routers: hosting,
      floating,
      l2Agents: [0, 1, 2, 3],
      l3Agents: [2, 3],
    });
    const controller = benchHost(this.ground, 'controller');
    this.broker = new MessageBroker(this.ground, controller, this.settings);
    const path = this.#path('server');
    const common = {inventory, settings: this.settings};
    this.server = new NeutronServer(this.ground, {
      ...common,
      ...{host: controller, contents: this.contents, dialler: path.dialler, endpoints},
      activated: () => undefined,
      whySilent: (kind, number) => this.daemons.get(`${chassis[number]} ${kind}`)!.cause,
    });
    this.#daemon('rabbitmq-server', controller, 'bus-start', this.broker);
    this.#daemon('neutron-server', controller, 'neutron-server-start', this.server);
    this.server.beginSettled(this.#settled(path, this.server.queues));
    for (const [number, name] of chassis.entries()) this.#addChassis(number, name);
  }

  /** Runs up to and including this moment, in seconds. */
  at(time: number): this {
    passUntil(this.ground, seconds(time));
    return this;
  }

  firewall(name: Chassis): RecordingFirewall {
    return this.firewalls.get(name)!;
  }

  host(name: Chassis): RecordingHost {
    return this.hosts.get(name)!;
  }

  kill(daemon: string): void {
    this.daemons.get(daemon)!.kill('test');
  }

  release(daemon: string): void {
    this.daemons.get(daemon)!.release('test');
  }

  /** Announcements of these kinds, as lines. */
  told(...kinds: readonly Announcement['kind'][]): readonly string[] {
    return this.ground.journal.entries.filter(({kind}) => kinds.includes(kind)).map(announcementLine);
  }

  /** When something of this kind was first announced, in seconds; `which` has to be in its line. */
  firstAt(kind: Announcement['kind'], which = ''): number | undefined {
    const entry = this.ground.journal.entries.find(one => one.kind === kind && announcementLine(one).includes(which));
    return entry && toSeconds(entry.at);
  }

  #addChassis(number: number, name: Chassis): void {
    const {ground, settings, contents} = this;
    const host = benchHost(ground, name);
    const kernel = new RecordingHost(ground);
    this.hosts.set(name, kernel);
    for (const {number: port, home} of ports) if (home === number) kernel.vms.add(port);
    const routers = this.server.routersOn(number);
    settleHost({contents, settings, population: this.server.population}, number, kernel, kernel, routers);
    kernel.lines.length = 0;
    const path = this.#path(name);
    const among = {
      chassis: number,
      name,
      host,
      inventory,
      settings,
      dialler: path.dialler,
      deviceCauses: new DeviceCauses(),
      haHost: new HaHost(ground, {
        ...{chassis: number, host, inventory, network: kernel},
        traits: traitsOf(settings.release),
        syncsConnections: settings.haConntrackdEnabled,
      }),
    };
    const firewall = new RecordingFirewall(ground, device => {
      return label(ports.findIndex(({id}) => deviceName('tap', id) === device));
    });
    this.firewalls.set(name, firewall);
    const l2 = new L2Agent(ground, {
      ...{...among, firewall, devices: kernel, bridges: kernel},
      endpoint: endpoints[number],
    });
    l2.beginSettled(this.#settled(path, l2.program.queues), asked => this.server.groups.infoFor(asked));
    firewall.lines.length = 0;
    this.#daemon('neutron-linuxbridge-agent', host, 'agent-start', l2.program);
    if (!name.startsWith('gw')) return;
    const l3 = new L3Agent(ground, {...among, network: kernel, addressesOf: port => kernel.addressesOf(port)});
    l3.beginSettled(this.#settled(path, l3.program.queues), routers);
    this.#daemon('neutron-l3-agent', host, 'agent-start', l3.program);
  }

  #path(name: Chassis | 'server'): BenchPath {
    const path = new BenchPath(this.ground, this.broker);
    this.paths.set(name, path);
    return path;
  }

  #settled(path: BenchPath, queues: readonly QueueDeclaration[]): Stream {
    const [client, server] = path.pair();
    this.broker.acceptSettled(server, queues);
    return client;
  }

  #daemon(
    name: 'rabbitmq-server' | 'neutron-server' | 'neutron-linuxbridge-agent' | 'neutron-l3-agent',
    host: Host,
    step: 'bus-start' | 'neutron-server-start' | 'agent-start',
    program: ConstructorParameters<typeof Daemon>[4],
  ): void {
    this.daemons.set(`${host.name} ${name}`, new Daemon(this.ground, host, name, step, program));
  }
}
