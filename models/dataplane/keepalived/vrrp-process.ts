import {alarmPlace, type Place} from '../../../engine/engine.ts';
import type {Fact} from '../../../engine/ledger.ts';
import {never, type Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import {WorkQueue} from '../../daemons/work-queue.ts';
import type {Ground} from '../../ground.ts';
import {completeInstance, type KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import {VrrpInstance} from '../../protocols/vrrp-instance.ts';
import type {SettledRole, VrrpPort, VrrpReason, VrrpState} from '../../protocols/vrrp-port.ts';
import {VrrpTracking, type Health, type ScriptState, type TrackingChange} from '../../protocols/vrrp-tracking.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Namespace} from '../linux/namespace.ts';
import {delivered, dropped, type Passage, type Verdict} from '../passage.ts';
import {advertPacket} from './advert-packet.ts';
import type {Arrival, Hearing} from './advert-process.ts';
import {AdvertStream} from './advert-stream.ts';
import {ScriptRunner, type Scripts} from './script-runner.ts';
import {VirtualInterfaces} from './virtual-interfaces.ts';
import type {Speaking, VirtualRouters} from './virtual-routers.ts';
import {VrrpPace} from './vrrp-pace.ts';

export type VrrpSurroundings = {
  readonly host: Host;
  /** Where its interfaces are. */
  readonly namespace: Namespace;
  /** Who else runs virtual routers: for the reasons of silence, which no daemon knows. */
  readonly routers: VirtualRouters;
  /** What an instance is called in results. */
  nameOf?(instance: string): string;
  /** Whether an interface has carrier. */
  isUp(device: string): boolean;
  readonly scripts: Scripts;
  /** Why the process does not work, or since when it does again: the announcement. */
  causeOfProcess(): number;
};

/** What waits to be read: it is when the process is next looking, at `readAt` if it sleeps. */
type Input = {readonly readAt: Time; take(now: Time): void};

/** An instance of a process, with the stream of its adverts and their source. */
type Member = {readonly vrrp: VrrpInstance; readonly stream: AdvertStream; readonly address: Ipv4};

/** What the engine brings: an advert for the process that listened when it was sent. */
type Letter = {readonly arrival: Arrival; readonly life: number};

/** More devices than a process listens on: two copies of one advertisement never have the same number. */
const mostDevices = 64;

/**
 * The VRRP child of keepalived: one thread that sleeps until something can be read or a timer has run out, does all that
 * follows from it, and only then looks again. What can be read goes before timers (lib/scheduler.c).
 */
export class VrrpProcess implements Speaking {
  readonly place: string;
  readonly actor: number;
  readonly pace: VrrpPace;
  /** Whether it runs, and what it is about: streams of adverts rely on it. */
  readonly fact: Fact;
  /** For whom it listens: adverts of others pass it by whatever else it does. */
  readonly #listens: Fact;
  readonly #notMine: Verdict;
  readonly #ground: Ground;
  readonly #among: VrrpSurroundings;
  readonly #work = new WorkQueue();
  readonly #interfaces: VirtualInterfaces;
  #configuration: KeepalivedConfiguration;
  #instances: readonly Member[] = [];
  #scripts: ScriptRunner | undefined;
  #inbox: Input[] = [];
  #life = 0;
  #running = false;
  #frozen = false;
  /** The announcement from which what it does at present follows. */
  #cause = 0;
  /** How long each announcement of the present burst takes. */
  #announceTakes: Time | undefined;
  /** Who counts its adverts or those that it hears, instead of running them. */
  #lentTo: object | undefined;
  /** The moment at which it does something that is only told now. */
  #workingAt: Time | undefined;

  constructor(ground: Ground, configuration: KeepalivedConfiguration, among: VrrpSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#configuration = configuration;
    const {host, namespace} = among;
    this.place = namespace.place;
    this.pace = new VrrpPace(host, `${this.place}/keepalived`);
    this.#interfaces = new VirtualInterfaces(ground, namespace, host.name);
    this.fact = ground.ledger.add();
    this.#listens = ground.ledger.add();
    this.#notMine = dropped('not addressed to this host', this.place);
    this.actor = ground.engine.add(this);
    among.routers.add(this);
  }

  get host(): Host {
    return this.#among.host;
  }

  get configuration(): KeepalivedConfiguration {
    return this.#configuration;
  }

  get instances(): readonly VrrpInstance[] {
    return this.#instances.map(({vrrp}) => vrrp);
  }

  get running(): boolean {
    return this.#running;
  }

  get works(): boolean {
    return this.#running && !this.#frozen;
  }

  /** What is known of a script. */
  scriptState(name: string): ScriptState {
    return this.#scripts?.stateOf(name) ?? 'new';
  }

  /** Why it is silent, if it is: the announcement. */
  get cause(): number {
    return this.works ? this.#cause : this.#among.causeOfProcess();
  }

  get wakeAt(): Time {
    if (!this.works || this.#lentTo) return never;
    if (this.#work.busy) return this.#work.wakeAt;
    const [first] = this.#inbox;
    return Math.min(first ? first.readAt : never, this.#timerAt, this.#scripts?.wakeAt ?? never);
  }

  /** The file that it reads when it starts. */
  configure(configuration: KeepalivedConfiguration): void {
    this.#configuration = configuration;
  }

  /** The process starts from its configuration. */
  start(): void {
    this.#life += 1;
    this.#running = true;
    this.#frozen = false;
    this.#cause = this.#ground.engine.cause;
    this.#makeScripts();
    this.#makeInstances();
    this.#as(() => {
      for (const {vrrp} of this.#instances) vrrp.start(this.#ground.engine.now);
    });
    this.#listensAnew();
    this.#changed();
  }

  /** Makes the virtual routers of a process that has long been there, without saying yet who is master. */
  prepareSettled(): void {
    this.#makeScripts();
    this.#scripts?.beginSettled();
    this.#makeInstances();
  }

  /** The process is there as after a long quiet time. A master's next advert is due at `dueAt`. */
  beginSettled(stateOf: (vrrp: VrrpInstance) => SettledRole): void {
    this.#running = true;
    for (const {vrrp} of this.#instances) {
      const role = stateOf(vrrp);
      vrrp.beginSettled(role);
      if (role.state !== 'master') continue;
      for (const address of vrrp.addresses) this.#interfaces.setAddress(address, true);
      for (const route of vrrp.settings.virtualRoutes) this.#interfaces.setRoute(route, true);
    }
    this.#listensAnew();
    this.#changed();
  }

  /** Killed: what it did to interfaces stays. */
  die(): void {
    this.#disturb();
    this.#life += 1;
    this.#running = false;
    this.#inbox = [];
    this.#work.clear();
    this.#listensAnew();
    this.#changed();
  }

  freeze(): void {
    this.#disturb();
    this.#frozen = true;
    this.#changed();
  }

  thaw(): void {
    this.#frozen = false;
    this.#cause = this.#ground.engine.cause;
    this.#changed();
  }

  /** Told to end: `done` once masters have said so and have cleared their interfaces. */
  stop(done: () => void): void {
    this.#disturb();
    const {engine} = this.#ground;
    const cause = engine.cause;
    this.#read('vrrp-signal', () => {
      this.#cause = cause;
      for (const {vrrp} of this.#instances) vrrp.stop();
      this.#scripts = undefined;
      this.#add(0, done);
    });
  }

  /** SIGHUP: reads the configuration anew. */
  reload(configuration: KeepalivedConfiguration): void {
    this.#disturb();
    const {engine} = this.#ground;
    const cause = engine.cause;
    this.#read('vrrp-signal', () => {
      this.#cause = cause;
      this.#add(this.#take('vrrp-reload'), () => {
        this.#reload(configuration);
      });
    });
  }

  /** Carrier of an interface was lost or is back: the kernel tells. */
  linkChanged(device: string, up: boolean): void {
    if (!this.#running) return;
    this.#disturb();
    const cause = this.#ground.engine.cause;
    this.#read('vrrp-link', now => {
      this.#cause = cause;
      this.#track({kind: 'interface', name: device, up}, now);
    });
  }

  /** A packet for all routers has come in: a verdict if this process listens for it. */
  arrive(packet: Ipv4Packet, device: string, passage: Passage): Verdict | undefined {
    const {payload} = packet;
    if (payload.kind !== 'vrrp') return undefined;
    passage.rely(this.#listens);
    const member = this.#memberFor(payload.vrid, device);
    if (!this.#running || !member) return this.#notMine;
    passage.rely(this.fact);
    passage.tell(heard => heard.heardBy?.({process: this, device, passage: heard, packet} satisfies Hearing));
    return delivered;
  }

  /** Where the adverts of one of its instances come from. */
  sourceOf(vrrp: VrrpInstance): Ipv4 {
    return this.#addressOf(vrrp.settings.interface);
  }

  instanceFor(vrid: number, device: string): VrrpInstance | undefined {
    return this.#memberFor(vrid, device)?.vrrp;
  }

  streamFrom(vrid: number, address: Ipv4): AdvertStream | undefined {
    const isMeant = (member: Member): boolean =>
      member.address === address && member.vrrp.settings.virtualRouterId === vrid;
    return this.#instances.find(isMeant)?.stream;
  }

  post(at: Time, arrival: Arrival): void {
    const {receiver, sender, number} = this.arrivalPlace(at, arrival);
    const letter: Letter = {arrival, life: this.#life};
    this.#ground.engine.post(at, receiver, sender, number, letter, arrival.cause);
  }

  arrivalPlace(at: Time, {from, device, number}: Arrival): Place {
    const index = [...this.#among.namespace.interfaces.keys()].indexOf(device);
    return {at, receiver: this.actor, sender: from.actor, number: number * mostDevices + index};
  }

  alarm(at: Time): Place {
    return alarmPlace(this.actor, at);
  }

  hear(message: unknown, now: Time): void {
    const {arrival, life} = message as Letter;
    if (!this.#running || life !== this.#life) return;
    this.#disturb();
    const readAt = now + this.pace.receiveDelay(0);
    this.pace.heard();
    this.enqueue(arrival, readAt);
  }

  enqueue(arrival: Arrival, readAt: Time): void {
    this.#inbox.push({
      readAt,
      take: now => {
        this.#hearAdvert(arrival, now);
      },
    });
  }

  wake(now: Time): void {
    for (;;) {
      if (this.#work.busy) {
        this.#run(now);
        if (this.#work.busy) return;
      }
      if (!this.#next(now)) return;
    }
  }

  wakeLate(at: Time): void {
    const [{vrrp}] = this.#instances;
    this.#workingAt = at;
    this.pace.timerRang();
    this.#as(() => {
      vrrp.wake(at);
    });
    this.#workingAt = undefined;
  }

  lend(to: object): void {
    this.#lentTo = to;
  }

  takeBack(): void {
    this.#lentTo = undefined;
    this.#ground.engine.rearm(this.actor);
  }

  /** Whether it does nothing at present but wait for adverts to send or to hear. */
  get isSteady(): boolean {
    const [only, ...others] = this.#instances;
    if (!this.works || this.#lentTo || this.#work.busy || this.#inbox.length > 0 || others.length > 0) return false;
    return this.#configuration.scripts.length === 0 && only.vrrp.isSteady;
  }

  countTaken(): void {
    const {counters} = this.#ground;
    counters.add(counters.of(this.place, 'vrrp adverts received'));
  }

  get #timerAt(): Time {
    let at = never;
    for (const {vrrp} of this.#instances) if (vrrp.wakeAt < at) at = vrrp.wakeAt;
    return at + this.pace.timerDelay();
  }

  /** Takes up the next thing that can be read or is due. Returns whether there was one. */
  #next(now: Time): boolean {
    const [input] = this.#inbox;
    if (input !== undefined) {
      this.#inbox.shift();
      this.#as(() => {
        input.take(now);
      });
      return true;
    }
    const due = this.#instances.find(({vrrp}) => vrrp.wakeAt <= now);
    if (due) {
      this.pace.timerRang();
      this.#as(() => {
        due.vrrp.wake(now);
      });
      return true;
    }
    const exit = this.#scripts?.wake(now);
    if (!exit) return false;
    this.#as(() => {
      this.#cause = this.#among.scripts.causeOf?.(exit.name) ?? this.#ground.engine.cause;
      this.#track(exit, now);
    });
    return true;
  }

  /** Lets the thread do something; what follows from it is done one after the other. */
  #as(act: () => void): void {
    this.#announceTakes = undefined;
    this.#interfaces.beginBurst();
    act();
    if (!this.#work.busy) this.#settled();
    this.#ground.engine.rearm(this.actor);
  }

  #run(now: Time): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = Math.max(before, this.#cause);
    this.#work.run(now);
    if (!this.#work.busy) this.#settled();
    engine.cause = before;
  }

  #settled(): void {
    for (const {vrrp} of this.#instances) vrrp.settled(this.#ground.engine.now);
  }

  /** Something to be read that is no packet. */
  #read(step: 'vrrp-link' | 'vrrp-signal', take: (now: Time) => void): void {
    this.#inbox.push({readAt: this.#ground.engine.now + this.#take(step), take});
    this.#ground.engine.rearm(this.actor);
  }

  #hearAdvert({advert, device, stream, number, cause}: Arrival, now: Time): void {
    const member = this.#memberFor(advert.vrrp.vrid, device);
    if (!member) return;
    this.countTaken();
    this.#cause = cause;
    member.vrrp.receive(advert, now);
    if (this.#work.busy) return;
    this.#settled();
    stream.taken(this, number);
  }

  #track(change: TrackingChange, now: Time): void {
    for (const {vrrp} of this.#instances) if (vrrp.tracking.tracks(change)) vrrp.track(change, now);
  }

  #reload(configuration: KeepalivedConfiguration): void {
    const {now} = this.#ground.engine;
    const old = this.#instances;
    this.#configuration = configuration;
    this.#scripts?.reload(configuration.scripts);
    const kept = configuration.instances.map(block => {
      const settings = completeInstance(block, configuration.globals);
      const isSame = ({vrrp}: Member): boolean =>
        vrrp.settings.virtualRouterId === settings.virtualRouterId && vrrp.settings.interface === settings.interface;
      const member = old.find(isSame);
      if (!member) return this.#makeMember(settings.name);
      member.vrrp.reload(settings, new VrrpTracking(settings, this.#health()), now);
      return member;
    });
    for (const member of old) if (!kept.includes(member)) member.vrrp.stop();
    this.#instances = kept;
    for (const member of kept) if (!old.includes(member)) member.vrrp.start(now);
    this.#listensAnew();
    this.#changed();
  }

  #makeScripts(): void {
    const {scripts} = this.#configuration;
    if (scripts.length === 0) return;
    this.#scripts = new ScriptRunner(scripts, {
      now: () => this.#ground.engine.now,
      takes: () => this.#take('vrrp-script'),
      scripts: this.#among.scripts,
    });
  }

  #makeInstances(): void {
    this.#instances = this.#configuration.instances.map(({name}) => this.#makeMember(name));
  }

  #makeMember(name: string): Member {
    const {instances, globals} = this.#configuration;
    const block = instances.find(candidate => candidate.name === name);
    if (!block) throw new Error(`there is no instance ${name}`);
    const settings = completeInstance(block, globals);
    const address = this.#addressOf(settings.interface);
    const tracking = new VrrpTracking(settings, this.#health());
    const vrrp = new VrrpInstance(
      settings,
      address,
      tracking,
      this.#portFor(() => member),
    );
    const sender = {process: this, vrrp, address, name: this.#nameOf(settings)};
    const stream = new AdvertStream(this.#ground, `${this.place}/${name}`, sender);
    const member: Member = {vrrp, stream, address};
    return member;
  }

  #health(): Health {
    return {
      isUp: device => this.#among.isUp(device),
      scriptState: name => this.scriptState(name),
    };
  }

  #addressOf(device: string): Ipv4 {
    return this.#among.namespace.interfaces.get(device)?.addresses.at(0)?.address ?? 0;
  }

  #nameOf({name}: {readonly name: string}): string {
    return this.#among.nameOf?.(name) ?? name;
  }

  #memberFor(vrid: number, device: string): Member | undefined {
    return this.#instances.find(
      ({vrrp: {settings}}) => settings.virtualRouterId === vrid && settings.interface === device,
    );
  }

  #portFor(member: () => Member): VrrpPort {
    return {
      advertise: priority => {
        this.#add(this.pace.sendDelay(member().stream.ask()), () => {
          this.#advertise(member(), priority);
        });
      },
      setAddress: (address, present) => {
        this.#add(this.#take('vrrp-address'), () => {
          this.#interfaces.setAddress(address, present);
        });
      },
      setRoute: (route, present) => {
        this.#add(this.#take('vrrp-address'), () => {
          this.#interfaces.setRoute(route, present);
        });
      },
      poll: () => {
        this.#add(this.#take('vrrp-poll'), () => undefined);
      },
      announce: address => {
        this.#announceTakes ??= this.#take('vrrp-announce');
        this.#add(this.#announceTakes, () => {
          this.#interfaces.announce(address);
        });
      },
      entered: (from, to, reason) => {
        this.#add(0, () => {
          this.#entered(member(), from, to, reason);
        });
        this.#add(this.#take('vrrp-notify'), () => undefined);
      },
      log: () => {
        this.#add(this.#take('vrrp-notify'), () => undefined);
      },
      priorityChanged: (from, to) => {
        const {host} = this.#among;
        const {vrrp} = member();
        const detail = {chassis: host.name, instance: this.#nameOf(vrrp.settings), from, to};
        this.#ground.journal.announce('vrrp priority changed', detail, [this.#cause]);
      },
    };
  }

  #advertise({vrrp, stream, address}: Member, priority: number): void {
    const {settings} = vrrp;
    const packet = advertPacket(settings, address, priority, stream.sent + 1);
    if (priority === 0) this.#announcePriorityZero(vrrp);
    stream.send(passage => this.#among.namespace.sendToGroup(settings.interface, packet, passage));
  }

  #announcePriorityZero({settings}: VrrpInstance): void {
    const detail = {chassis: this.host.name, instance: this.#nameOf(settings)};
    const said = this.#ground.journal.announce('vrrp gave up', detail);
    this.#cause = Math.max(this.#cause, said);
  }

  #entered({vrrp, stream}: Member, from: VrrpState, to: VrrpState, reason: VrrpReason): void {
    const {engine, journal} = this.#ground;
    const causes = this.#causesOf(vrrp, reason);
    const detail = {chassis: this.host.name, instance: this.#nameOf(vrrp.settings), from, to, ...flatten(reason)};
    this.#cause = journal.announce('vrrp changed', detail, causes);
    engine.cause = this.#cause;
    stream.forget();
  }

  /** Time-outs have no cause of their own: what silenced the master has one. */
  #causesOf(vrrp: VrrpInstance, reason: VrrpReason): readonly number[] {
    if (reason.why !== 'no advert') return [this.#ground.engine.cause];
    return [this.#among.routers.whySilent(vrrp.settings.virtualRouterId, vrrp.master?.address, this)];
  }

  #add(takes: Time, act: () => void): void {
    this.#work.add(this.#workingAt ?? this.#ground.engine.now, takes, act);
  }

  #take(step: Parameters<Host['take']>[0]): Time {
    return this.host.take(step, `${this.place}/keepalived`);
  }

  #listensAnew(): void {
    const {ledger, engine} = this.#ground;
    ledger.changed(this.#listens, engine.cause);
  }

  #changed(): void {
    const {ledger, engine} = this.#ground;
    ledger.changed(this.fact, engine.cause);
    engine.rearm(this.actor);
  }

  /** Something other than the steady round happens to it: it is run again, step by step. */
  #disturb(): void {
    if (this.#lentTo) this.#changed();
  }
}

/** A reason as announcements have it. */
function flatten(reason: VrrpReason) {
  return {
    why: reason.why,
    heardAt: reason.why === 'no advert' ? reason.heardAt : undefined,
    peer: 'from' in reason ? reason.from : undefined,
    priority: 'priority' in reason ? reason.priority : undefined,
    what: 'what' in reason ? reason.what : undefined,
  };
}
