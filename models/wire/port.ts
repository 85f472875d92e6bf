import type {Time} from '../../engine/time.ts';
import type {Frame} from './frame.ts';

/**
 * Where a daemon speaks. Control planes and protocols touch the data plane only through a port, so that what they say
 * takes the same way, and meets the same faults, as any packet.
 */
export type Port = {
  send(frame: Frame): void;
};

/** Whoever hears the frames that come out of a port. */
export type Listener = {
  hear(frame: Frame, now: Time): void;
};
