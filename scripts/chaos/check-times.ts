import { CLOCK_TOLERANCE_MS } from './clock.js';
import { type Attempt, attemptsTo, type FinalHold, type HoldIntent, isKnown } from './history.js';
import { describeHolder, type Violation } from './violation.js';

/** Whether the hold ended when it should, by the clock of its callers. */
export function checkTimes(intent: HoldIntent, hold: FinalHold): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind']) =>
    violations.push({ kind, detail: `${describeHolder(intent)}, stored: ${JSON.stringify(hold)}` });
  const created = intent.attempts.find(({ answer }) => answer.kind === 'held' && !answer.isReplay);
  if (created && !isEndOf(created, intent.ttlSeconds)) report('wrong_end');

  const known = [...intent.attempts, ...intent.steps.flatMap(({ attempts }) => attempts)];
  // No extension makes a hold shorter.
  if (known.flatMap(endOf).some((end) => end > hold.expiresAtMs)) report('wrong_end');
  const wasEarly = ({ endMs, answer }: Attempt) =>
    answer.kind === 'ended' && answer.was === 'expired' && endMs < hold.expiresAtMs - CLOCK_TOLERANCE_MS;
  if (known.some(wasEarly)) report('ended_early');
  if (wasKept(intent)) report('kept_too_long');
  return violations;
}

/** Whether the end that was told is so many seconds after the request. */
function isEndOf({ startMs, endMs, answer }: Attempt, seconds: number): boolean {
  if (answer.kind !== 'held') return true;
  const from = startMs + seconds * 1_000 - CLOCK_TOLERANCE_MS;
  const to = endMs + seconds * 1_000 + CLOCK_TOLERANCE_MS;
  return from <= answer.expiresAtMs && answer.expiresAtMs <= to;
}

/** Whether an extension or the first release was sent after the end, and done all the same. */
function wasKept(intent: HoldIntent): boolean {
  const [extensions, releases] = [attemptsTo('extend', intent), attemptsTo('release', intent)];
  const done = [
    ...extensions.filter(({ answer }) => answer.kind === 'extended'),
    ...releases.slice(0, 1).filter(({ answer }) => answer.kind === 'released'),
  ];
  return done.some(({ startMs }) => {
    const before = extensions.filter((other) => other.startMs < startMs);
    // An extension that is not known may have moved the end.
    if (!before.every(isKnown)) return false;
    return Math.max(...[...intent.attempts, ...before].flatMap(endOf)) + CLOCK_TOLERANCE_MS < startMs;
  });
}

function endOf({ answer }: Attempt): number[] {
  return answer.kind === 'held' || answer.kind === 'extended' ? [answer.expiresAtMs] : [];
}
