import {milliseconds, seconds, type Time} from '../../engine/time.ts';
import {
  completeInstance,
  keepalivedDefaults,
  type KeepalivedGlobals,
  type VirtualAddress,
  type VrrpInstanceBlock,
  type VrrpSettings,
} from '../../models/protocols/keepalived-configuration.ts';
import {VrrpInstance} from '../../models/protocols/vrrp-instance.ts';
import type {Advert, VrrpReason} from '../../models/protocols/vrrp-port.ts';
import {VrrpTracking, type ScriptState} from '../../models/protocols/vrrp-tracking.ts';
import {formatIpv4, parseIpv4, type Ipv4} from '../../models/wire/ipv4.ts';
import type {Vrrp} from '../../models/wire/vrrp.ts';

export const vip: VirtualAddress = {address: parseIpv4('10.0.0.1')!, length: 24, device: 'lan0', noTrack: false};

const block: VrrpInstanceBlock = {
  name: 'VI_1',
  state: 'backup',
  interface: 'lan0',
  virtualRouterId: 51,
  priority: 100,
  version: undefined,
  advertInt: undefined,
  nopreempt: false,
  preemptDelay: 0,
  downTimerAdverts: undefined,
  dontTrackPrimary: false,
  garpMasterDelay: undefined,
  garpMasterRepeat: undefined,
  garpMasterRefresh: undefined,
  garpMasterRefreshRepeat: undefined,
  garpLowerPrioDelay: undefined,
  garpLowerPrioRepeat: undefined,
  lowerPrioNoAdvert: undefined,
  higherPrioSendAdvert: undefined,
  virtualAddresses: [vip],
  excludedAddresses: [],
  virtualRoutes: [],
  trackInterface: [],
  trackScript: [],
};

export type BenchOptions = Partial<VrrpInstanceBlock> & {
  readonly globals?: Partial<KeepalivedGlobals>;
  readonly address?: string;
  readonly down?: readonly string[];
  readonly scripts?: Readonly<Record<string, ScriptState>>;
};

export function settingsOf({globals, ...own}: BenchOptions = {}): VrrpSettings {
  return completeInstance({...block, ...own}, {...keepalivedDefaults, ...globals});
}

/** One instance, and everything it does as lines of text. Its daemon takes no time unless it is told to. */
export class VrrpBench {
  readonly lines: string[] = [];
  readonly vrrp: VrrpInstance;
  readonly settings: VrrpSettings;
  now: Time = 0;
  /** How long the daemon takes for what it is asked for. */
  takes: Time = 0;

  constructor(options: BenchOptions = {}) {
    this.settings = settingsOf(options);
    const health = {
      isUp: (name: string) => !options.down?.includes(name),
      scriptState: (name: string) => options.scripts?.[name] ?? 'new',
    };
    const tracking = new VrrpTracking(this.settings, health);
    const own = parseIpv4(options.address ?? '10.0.0.12')!;
    this.vrrp = new VrrpInstance(this.settings, own, tracking, {
      advertise: priority => this.#say(`advert ${priority}`),
      setAddress: ({address}, present) => this.#say(`${present ? 'add' : 'delete'} ${formatIpv4(address)}`),
      setRoute: ({via}, present) => this.#say(`${present ? 'add' : 'delete'} route via ${formatIpv4(via)}`),
      announce: ({address}) => this.#say(`garp ${formatIpv4(address)}`),
      poll: () => undefined,
      log: () => undefined,
      entered: (from, to, reason) => this.#say(`${from} -> ${to}: ${describe(reason)}`),
      priorityChanged: (from, to) => this.#say(`priority ${from} -> ${to}`),
      discarded: (_, flaw) => this.#say(`discarded: ${flaw}`),
    });
    this.#do(() => {
      this.vrrp.start(0);
    });
    this.lines.length = 0;
  }

  /** Lets time pass, the machine waking when it wants to. */
  until(at: Time): this {
    while (this.vrrp.wakeAt <= at) {
      this.now = Math.max(this.now, this.vrrp.wakeAt);
      this.#do(() => {
        this.vrrp.wake(this.now);
      });
    }
    this.now = at;
    return this;
  }

  /** A backup that has waited in vain. */
  asMaster(): this {
    this.until(this.vrrp.wakeAt);
    this.lines.length = 0;
    return this;
  }

  hear(priority: number, from: string | Ipv4 = '10.0.0.11', other: Partial<Vrrp> & {readonly ttl?: number} = {}): this {
    const {ttl = 255, ...fields} = other;
    const {version, virtualRouterId: vrid, advertInterval, virtualAddresses} = this.settings;
    const addresses = virtualAddresses.map(({address}) => address);
    const vrrp: Vrrp = {kind: 'vrrp', version, vrid, priority, advertInterval, addresses, ...fields};
    const advert: Advert = {from: typeof from === 'string' ? parseIpv4(from)! : from, ttl, vrrp};
    this.#do(() => {
      this.vrrp.receive(advert, this.now);
    });
    return this;
  }

  link(name: string, up: boolean): this {
    this.#do(() => {
      this.vrrp.track({kind: 'interface', name, up}, this.now);
    });
    return this;
  }

  script(name: string, state: ScriptState): this {
    this.#do(() => {
      this.vrrp.track({kind: 'script', name, state}, this.now);
    });
    return this;
  }

  do(act: (vrrp: VrrpInstance, now: Time) => void): this {
    this.#do(() => {
      act(this.vrrp, this.now);
    });
    return this;
  }

  /** What was done since it was last asked. */
  take(): string[] {
    return this.lines.splice(0);
  }

  /** The same without the times. */
  said(): string[] {
    return this.take().map(line => line.replace(/^\S+ /, ''));
  }

  #do(act: () => void): void {
    act();
    this.vrrp.settled(this.now + this.takes);
  }

  #say(line: string): void {
    this.lines.push(`${(this.now / seconds(1)).toFixed(6)} ${line}`);
  }
}

export const ms = milliseconds;
export const s = seconds;

function describe(reason: VrrpReason): string {
  switch (reason.why) {
    case 'no advert':
      return reason.heardAt === undefined ? 'no advert' : `no advert since ${reason.heardAt / seconds(1)}`;
    case 'priority 0':
      return 'priority 0';
    case 'higher priority':
      return `${formatIpv4(reason.from)} has ${reason.priority}`;
    case 'higher address':
      return `${formatIpv4(reason.from)} is higher`;
    case 'failed':
    case 'recovered':
      return `${reason.what} ${reason.why}`;
    default:
      return reason.why;
  }
}
