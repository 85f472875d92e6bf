import {seconds, type Time} from '../../engine/time.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';

/** An address that the master of a virtual router has on one of its interfaces. */
export type VirtualAddress = {
  readonly address: Ipv4;
  readonly length: number;
  readonly device: string;
  /** `no_track`: the instance does not go to FAULT with the interface. */
  readonly noTrack: boolean;
};

/** A route that the master has. */
export type VirtualRoute = {
  readonly prefix: Cidr;
  readonly via: Ipv4;
  readonly device: string;
  readonly noTrack: boolean;
};

/** What else an instance watches: failed means FAULT without a weight, and another priority with one. */
export type Tracked = {readonly name: string; readonly weight: number; readonly reverse: boolean};

/** A block `vrrp_instance` of keepalived.conf under its words; undefined is left out of the file. */
export type VrrpInstanceBlock = {
  readonly name: string;
  readonly state: 'master' | 'backup' | undefined;
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly priority: number | undefined;
  readonly version: 2 | 3 | undefined;
  readonly advertInt: Time | undefined;
  readonly nopreempt: boolean;
  readonly preemptDelay: Time;
  readonly downTimerAdverts: number | undefined;
  readonly dontTrackPrimary: boolean;
  readonly garpMasterDelay: Time | undefined;
  readonly garpMasterRepeat: number | undefined;
  readonly garpMasterRefresh: Time | undefined;
  readonly garpMasterRefreshRepeat: number | undefined;
  readonly garpLowerPrioDelay: Time | undefined;
  readonly garpLowerPrioRepeat: number | undefined;
  readonly lowerPrioNoAdvert: boolean | undefined;
  readonly higherPrioSendAdvert: boolean | undefined;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly virtualRoutes: readonly VirtualRoute[];
  readonly trackInterface: readonly Tracked[];
  readonly trackScript: readonly Tracked[];
};

/** A block `vrrp_script`. */
export type ScriptBlock = {
  readonly name: string;
  readonly interval: Time;
  readonly rise: number;
  readonly fall: number;
};

/** The block `global_defs`, without the prefix `vrrp_`. */
export type KeepalivedGlobals = {
  readonly version: 2 | 3;
  /** A backup takes over when it has missed so many. */
  readonly downTimerAdverts: number;
  readonly garpMasterDelay: Time;
  readonly garpMasterRepeat: number;
  readonly garpMasterRefresh: Time;
  readonly garpMasterRefreshRepeat: number;
  readonly garpLowerPrioDelay: Time | undefined;
  readonly garpLowerPrioRepeat: number | undefined;
  /** Of each interface; 0 is none. */
  readonly garpInterval: Time;
  readonly lowerPrioNoAdvert: boolean;
  readonly higherPrioSendAdvert: boolean;
};

/** A file keepalived.conf. */
export type KeepalivedConfiguration = {
  readonly globals: KeepalivedGlobals;
  readonly scripts: readonly ScriptBlock[];
  readonly instances: readonly VrrpInstanceBlock[];
};

/** keepalived/include/vrrp.h and keepalived/core/global_data.c. */
export const keepalivedDefaults: KeepalivedGlobals = {
  version: 2,
  // RFC 3768 and RFC 5798, 6.1.
  downTimerAdverts: 3,
  garpMasterDelay: seconds(5),
  garpMasterRepeat: 5,
  garpMasterRefresh: 0,
  garpMasterRefreshRepeat: 1,
  garpLowerPrioDelay: undefined,
  garpLowerPrioRepeat: undefined,
  garpInterval: 0,
  lowerPrioNoAdvert: false,
  higherPrioSendAdvert: false,
};

/** An instance as it runs, everything that was left out filled in. */
export type VrrpSettings = {
  readonly name: string;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly interface: string;
  readonly wants: 'master' | 'backup';
  readonly priority: number;
  readonly advertInterval: Time;
  readonly downTimerAdverts: number;
  readonly preempts: boolean;
  readonly preemptDelay: Time;
  readonly garpMasterDelay: Time;
  readonly garpMasterRepeat: number;
  readonly garpMasterRefresh: Time;
  readonly garpMasterRefreshRepeat: number;
  readonly garpLowerPrioDelay: Time;
  readonly garpLowerPrioRepeat: number;
  readonly garpInterval: Time;
  readonly lowerPrioNoAdvert: boolean;
  readonly higherPrioSendAdvert: boolean;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly virtualRoutes: readonly VirtualRoute[];
  /** By interface, each once. */
  readonly trackedInterfaces: ReadonlyMap<string, Tracked>;
  readonly trackedScripts: readonly Tracked[];
};

export const ownerPriority = 255;
const defaultPriority = 100;

/** VRRP_ADVER_DFL. */
export const defaultAdvertInterval: Time = seconds(1);

/**
 * What keepalived makes of an instance (vrrp_complete_instance). `nopreempt` and `preempt_delay` do nothing where the
 * state is MASTER. What follows an advertisement of lower priority is set by the *global* words, whose own default are
 * the global ones of the ordinary bursts: an instance's `garp_master_delay` has no part in it.
 */
export function completeInstance(block: VrrpInstanceBlock, globals: KeepalivedGlobals): VrrpSettings {
  const {name, virtualRouterId, virtualAddresses, excludedAddresses, virtualRoutes, trackScript} = block;
  const priority = block.priority ?? (block.state === 'master' ? ownerPriority : defaultPriority);
  const wants = block.state ?? (priority === ownerPriority ? 'master' : 'backup');
  const preempts = wants === 'master' || !block.nopreempt;
  return {
    ...{name, virtualRouterId, virtualAddresses, excludedAddresses, virtualRoutes, priority, wants, preempts},
    version: block.version ?? globals.version,
    interface: block.interface,
    advertInterval: block.advertInt ?? defaultAdvertInterval,
    downTimerAdverts: block.downTimerAdverts ?? globals.downTimerAdverts,
    preemptDelay: wants === 'backup' && preempts ? block.preemptDelay : 0,
    garpMasterDelay: block.garpMasterDelay ?? globals.garpMasterDelay,
    garpMasterRepeat: block.garpMasterRepeat ?? globals.garpMasterRepeat,
    garpMasterRefresh: block.garpMasterRefresh ?? globals.garpMasterRefresh,
    garpMasterRefreshRepeat: block.garpMasterRefreshRepeat ?? globals.garpMasterRefreshRepeat,
    garpLowerPrioDelay: block.garpLowerPrioDelay ?? globals.garpLowerPrioDelay ?? globals.garpMasterDelay,
    garpLowerPrioRepeat: block.garpLowerPrioRepeat ?? globals.garpLowerPrioRepeat ?? globals.garpMasterRepeat,
    garpInterval: globals.garpInterval,
    lowerPrioNoAdvert: block.lowerPrioNoAdvert ?? globals.lowerPrioNoAdvert,
    higherPrioSendAdvert: block.higherPrioSendAdvert ?? globals.higherPrioSendAdvert,
    trackedInterfaces: trackedInterfacesOf(block, priority),
    trackedScripts: trackScript.filter(({weight}) => weight === 0 || priority !== ownerPriority),
  };
}

/**
 * The instance's own interface and those of its addresses and routes count as tracked without a weight unless they are
 * excepted; what has no weight gets none later (add_vrrp_to_interface). The owner's priority never moves.
 */
function trackedInterfacesOf(block: VrrpInstanceBlock, priority: number): ReadonlyMap<string, Tracked> {
  const tracked = new Map<string, Tracked>();
  const add = (entry: Tracked): void => {
    if (tracked.get(entry.name)?.weight !== 0) tracked.set(entry.name, entry);
  };
  if (!block.dontTrackPrimary) add({name: block.interface, weight: 0, reverse: false});
  for (const {device, noTrack} of [...block.virtualAddresses, ...block.excludedAddresses, ...block.virtualRoutes]) {
    const isOwn = device === block.interface;
    if (!noTrack && !isOwn) add({name: device, weight: 0, reverse: false});
  }
  for (const entry of block.trackInterface) {
    if (entry.weight === 0 || priority !== ownerPriority) add(entry);
  }
  return tracked;
}
