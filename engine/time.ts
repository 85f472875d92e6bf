/** A moment or a span of simulated time in whole microseconds; exact up to 2^53 µs, 285 years. */
export type Time = number;

/** The moment that never comes: what an actor wishes for when it waits for nothing. */
export const never: Time = Number.POSITIVE_INFINITY;

export const microseconds = (count: number): Time => Math.round(count);
export const milliseconds = (count: number): Time => Math.round(count * 1_000);
export const seconds = (count: number): Time => Math.round(count * 1_000_000);

export const toMilliseconds = (time: Time): number => time / 1_000;
export const toSeconds = (time: Time): number => time / 1_000_000;
