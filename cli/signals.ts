/** SIGHUP is not among them: `nohup` has it ignored, which a listener would undo. */
const signals = {SIGINT: 130, SIGTERM: 143} as const;

/**
 * Ends the program when it is told to, but never while it writes: a signal is heard between two slices of a run. Returns
 * what stops this.
 */
export function hearSignals(): () => void {
  const listeners = Object.entries(signals).map(([signal, status]) => {
    const listener = (): void => {
      process.stderr.write('\ninterrupted; nothing was written\n');
      process.exit(status);
    };
    process.on(signal, listener);
    return {signal, listener};
  });
  return () => {
    for (const {signal, listener} of listeners) process.off(signal, listener);
  };
}
