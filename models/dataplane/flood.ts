import {delivered, dropped, heard, type DropReason, type Passage, type Verdict} from './passage.ts';

/**
 * Sends a copy each way, and goes on with the time and the cause of the copy that tells what became of the frame. That the
 * passage relies on all that says where to is the caller's affair.
 */
export function flood<To>(ways: readonly To[], send: (to: To) => Verdict, place: string, passage: Passage): Verdict {
  const {latency, cause} = passage;
  let told: Verdict | undefined;
  let [toldLatency, toldCause] = [latency, cause];
  for (const to of ways) {
    passage.latency = latency;
    passage.cause = cause;
    const verdict = send(to);
    noteLoss(verdict, passage);
    if (tellingness(verdict) <= tellingness(told)) continue;
    told = verdict;
    [toldLatency, toldCause] = verdict === heard ? [latency, cause] : [passage.latency, passage.cause];
  }
  passage.latency = toldLatency;
  passage.cause = toldCause;
  return told === heard ? delivered : (told ?? dropped('flooded in vain', place));
}

/** Why a copy ends that was for nobody behind this port. */
const forNobody: ReadonlySet<DropReason> = new Set(['not addressed to this host', 'learnt on the port it came from']);

/** Of a flood counts the first copy that was delivered, else one that is on its way, else one that was lost on its way to somebody. */
function tellingness(verdict: Verdict | undefined): 0 | 1 | 2 | 3 {
  if (verdict?.kind === 'delivered') return 3;
  if (verdict?.kind === 'waiting') return 2;
  return verdict === undefined || forNobody.has(verdict.reason) ? 0 : 1;
}

function noteLoss(verdict: Verdict, {lostCopies, cause}: Passage): void {
  if (verdict.kind !== 'dropped' || forNobody.has(verdict.reason) || cause === 0) return;
  lostCopies.push({reason: verdict.reason, place: verdict.place, cause});
}

/** What became of a flooded frame whose copies are known. */
export function ofFlood(verdicts: readonly Verdict[], place: string): Verdict {
  let told: Verdict | undefined;
  for (const verdict of verdicts) if (tellingness(verdict) > tellingness(told)) told = verdict;
  return told === heard ? delivered : (told ?? dropped('flooded in vain', place));
}
