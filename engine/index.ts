/** The engine as a library, without a network: `faultline/engine`. What it is for says docs/engine.md. */
export {microseconds, milliseconds, never, seconds, toMilliseconds, toSeconds, type Time} from './time.ts';
export type {Actor} from './actor.ts';
export {alarmPlace, Engine, ownAlarm, type Place} from './engine.ts';
export {compareAppointments, type Agenda, type Appointment} from './agenda.ts';
export {HeapAgenda} from './heap-agenda.ts';
export {LadderAgenda} from './ladder-agenda.ts';
export {Chance, draw, drawWhole, type Stream} from './chance.ts';
export {Table} from './table.ts';
export {Deadlines} from './deadlines.ts';
export {Journal, type Entry} from './journal.ts';
export {Ledger, type Fact, type Kept, type Repeat} from './ledger.ts';
export {Fingerprint} from './fingerprint.ts';
