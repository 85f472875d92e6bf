import {delivered, dropped, type Passage, type Verdict} from './passage.ts';

/**
 * Sends a copy each way, and goes on with the time and the cause of the copy that tells what became of the frame. That the
 * passage relies on all that says where to is the caller's affair.
 */
export function flood(copies: readonly (() => Verdict)[], place: string, passage: Passage): Verdict {
  const {latency, cause} = passage;
  const fates = copies.map(copy => {
    passage.latency = latency;
    passage.cause = cause;
    const verdict = copy();
    noteLoss(verdict, passage);
    return {verdict, latency: passage.latency, cause: passage.cause};
  });
  const verdict = ofFlood(
    fates.map(fate => fate.verdict),
    place,
  );
  const told = fates.find(fate => fate.verdict === verdict);
  passage.latency = told?.latency ?? latency;
  passage.cause = told?.cause ?? cause;
  return verdict;
}

function noteLoss(verdict: Verdict, {lostCopies, cause}: Passage): void {
  if (verdict.kind !== 'dropped' || verdict.reason === 'not addressed to this host' || cause === 0) return;
  lostCopies.push({reason: verdict.reason, place: verdict.place, cause});
}

/** What became of a flooded frame: delivered if a copy was, else still on its way, else why the most telling copy was dropped. */
export function ofFlood(verdicts: readonly Verdict[], place: string): Verdict {
  const telling = (kind: Verdict['kind']): Verdict | undefined => verdicts.find(verdict => verdict.kind === kind);
  return (
    (telling('delivered') && delivered) ??
    telling('waiting') ??
    verdicts.find(verdict => verdict.kind === 'dropped' && verdict.reason !== 'not addressed to this host') ??
    dropped('flooded in vain', place)
  );
}
