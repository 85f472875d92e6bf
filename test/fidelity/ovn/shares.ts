import type {RunResult} from '../../../models/events/results.ts';
import type {MeasuredRun} from './measured.ts';
import {announced, bindings, firstBindingOfNewOwner, lostIn, restored, type Phase} from './observe.ts';

/** What one phase of one run came to, on the bench or here. Times in ms after its beginning. */
export type PhaseRecord = {
  readonly ownerChanges: number;
  readonly newOwnerAt: number | undefined;
  readonly announcedBy: string | undefined;
  readonly snatLost: number;
  readonly snatRestoredAt: number | undefined;
};

/** Something that happened in some runs and not in others. */
export type Share = {
  readonly bench: string;
  readonly settings: string;
  readonly phase: string;
  readonly what: string;
  readonly holds: (record: PhaseRecord) => boolean;
};

export const shares: readonly Share[] = [
  {
    bench: 'link_ul',
    settings: 'default',
    phase: 'fail',
    what: 'the claims flap (more than two changes of owner)',
    holds: ({ownerChanges}) => ownerChanges > 2,
  },
  {
    bench: 'link_ul',
    settings: 'default',
    phase: 'recover',
    what: 'the claims flap (more than two changes of owner)',
    holds: ({ownerChanges}) => ownerChanges > 2,
  },
  {
    bench: 'vswitchd_kill9',
    settings: 'default',
    phase: 'recover',
    what: 'nobody forwards before the next fault: BFD is up, the controller still waits to reconnect',
    holds: ({snatRestoredAt}) => snatRestoredAt === undefined,
  },
  {
    bench: 'controller_exit',
    settings: 'default',
    phase: 'recover',
    what: 'the returned controller has the port only after 600 ms',
    holds: ({newOwnerAt}) => newOwnerAt !== undefined && newOwnerAt > 600,
  },
  {
    bench: 'controller_exit',
    settings: 'default',
    phase: 'recover',
    what: 'the first announcement comes from the gateway that yields',
    holds: ({announcedBy}) => announcedBy === 'gw2',
  },
  {
    bench: 'sbdown_link_ul',
    settings: 'default',
    phase: 'recover2',
    what: 'failback without a loss',
    holds: ({snatLost}) => snatLost === 0,
  },
  {
    bench: 'link_ul',
    settings: '200/100/3',
    phase: 'fail',
    what: 'about 50 probes more are lost than detection explains',
    holds: ({snatLost}) => snatLost > 85,
  },
];

export function measuredRecord({
  sb_changes: changes,
  garp_from: announcedBy,
  snat_lost: lost,
  snat_first_ok_ms: restoredAt,
  phase,
}: MeasuredRun): PhaseRecord {
  const owners = changes.split(' ').filter(change => change !== '');
  const newOwner = owners.find(change => change.startsWith(phase.startsWith('recover') ? 'gw1@' : 'gw2@'));
  return {
    ownerChanges: owners.length,
    newOwnerAt: newOwner === undefined ? undefined : Number(newOwner.split('@')[1]),
    announcedBy: announcedBy === '' ? undefined : announcedBy,
    snatLost: Number(lost),
    snatRestoredAt: restoredAt === '' ? undefined : Number(restoredAt),
  };
}

export function emulatedRecord(run: RunResult, phase: Phase): PhaseRecord {
  return {
    ownerChanges: bindings(run, phase).length,
    newOwnerAt: firstBindingOfNewOwner(run, phase).at(0),
    announcedBy: announced(run, phase).at(0)?.detail.chassis,
    snatLost: lostIn(run, phase, 'snat'),
    snatRestoredAt: restored(run, phase, 'snat').at(0),
  };
}
