/** SIGHUP is not among them: `nohup` has it ignored, which a listener would undo. */
const signals = {SIGINT: 130, SIGTERM: 143} as const;

/** What is said when the program is told to end, and whether it then ends at once. */
export type Answer = {readonly text: string; readonly ends: boolean};

const nothingWritten: Answer = {text: 'interrupted; nothing was written', ends: true};
let answer: () => Answer = () => nothingWritten;

/**
 * Ends the program when it is told to, but never while it writes: a signal is heard between two slices of a run. Returns
 * what stops this.
 */
export function hearSignals(): () => void {
  const listeners = Object.entries(signals).map(([signal, status]) => {
    const listener = (): void => {
      const {text, ends} = answer();
      process.stderr.write(`\n${text}\n`);
      process.exitCode = status;
      if (ends) process.exit();
    };
    process.on(signal, listener);
    return {signal, listener};
  });
  return () => {
    for (const {signal, listener} of listeners) process.off(signal, listener);
  };
}

/** Has a command answer signals in its own way. Returns what ends this. */
export function answerSignals(own: () => Answer): () => void {
  answer = own;
  return () => {
    answer = () => nothingWritten;
  };
}
