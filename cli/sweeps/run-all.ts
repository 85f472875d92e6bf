import type {RunRecord} from '../../reports/sweeps/run-record.ts';

/** Runs all, so many at a time, in their order; each record is taken as it comes. The first error ends it. */
export async function runAll(
  runs: Iterable<number>,
  lanes: number,
  run: (number: number) => Promise<RunRecord>,
  take: (number: number, record: RunRecord) => void,
): Promise<void> {
  const next = runs[Symbol.iterator]();
  let isOver = false;
  const lane = async (): Promise<void> => {
    for (let turn = next.next(); !turn.done && !isOver; turn = next.next()) {
      const record = await run(turn.value);
      // Another lane may have ended in an error meanwhile; its message says what is kept.
      if (!isOver) take(turn.value, record);
    }
  };
  try {
    await Promise.all(Array.from({length: lanes}, lane));
  } finally {
    isOver = true;
  }
}
