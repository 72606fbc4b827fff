import {
  type Answer,
  type Attempt,
  type Cancellation,
  type History,
  type Intent,
  isOpen,
  type Reuse,
} from './history.js';
import { describe, type Violation } from './violation.js';

/** What is wrong with the answers by themselves, whatever is stored. */
export function checkAnswers({ intents, cancellations, reuses }: History): Violation[] {
  return [
    ...intents.flatMap(checkKey),
    ...cancellations.flatMap(checkCancellation),
    ...reuses.flatMap(checkReuse),
    ...findUnresolved(intents, cancellations),
  ];
}

/** The same key means the same booking: once acknowledged, every further answer is the first one again. */
function checkKey(intent: Intent): Violation[] {
  const kinds = new Set<Violation['kind']>();
  const report = (kind: Violation['kind']) => kinds.add(kind);
  let acknowledged: string | undefined;
  let mayExist = false;
  for (const { answer } of intent.attempts) {
    if (!isAllowed(answer, ['booked', 'refused'])) report('unexpected_answer');
    if (answer.kind === 'refused' && acknowledged !== undefined) report('not_replayed');
    if (answer.kind === 'unknown') mayExist = true;
    if (answer.kind !== 'booked') continue;
    if (acknowledged !== undefined && answer.bookingId !== acknowledged) report('id_changed');
    if (acknowledged !== undefined && !answer.isReplay) report('not_replayed');
    // A first answer is repeated that nobody was given: one of those who were told that nothing was changed was lied to.
    if (answer.isReplay && acknowledged === undefined && !mayExist) report('false_unchanged');
    acknowledged ??= answer.bookingId;
  }
  return [...kinds].map((kind) => ({ kind, detail: describe(intent) }));
}

function checkCancellation({ bookingId, attempts }: Cancellation): Violation[] {
  return attempts.flatMap(({ answer }) => (isAllowed(answer, ['cancelled']) ? [] : [unexpected(bookingId, answer)]));
}

function checkReuse({ key, attempt }: Reuse): Violation[] {
  const { answer } = attempt;
  if (answer.kind === 'booked') return [{ kind: 'key_reuse_accepted', detail: `${key}: ${JSON.stringify(answer)}` }];
  return isAllowed(answer, ['key_reused']) ? [] : [unexpected(key, answer)];
}

function findUnresolved(intents: readonly Intent[], cancellations: readonly Cancellation[]): Violation[] {
  const named: { readonly name: string; readonly attempts: readonly Attempt[] }[] = [
    ...intents.map((intent) => ({ name: intent.key, attempts: intent.attempts })),
    ...cancellations.map(({ bookingId, attempts }) => ({ name: `the cancellation of ${bookingId}`, attempts })),
  ];
  return named.filter(isOpen).map(({ name, attempts }) => ({
    kind: 'unresolved',
    detail: `${name} is still unknown after ${attempts.length} requests`,
  }));
}

/** A fault may answer any request with "unchanged" or "unknown". */
function isAllowed({ kind }: Answer, kinds: readonly Answer['kind'][]): boolean {
  return kind === 'unchanged' || kind === 'unknown' || kinds.includes(kind);
}

function unexpected(name: string, answer: Answer): Violation {
  return { kind: 'unexpected_answer', detail: `${name}: ${JSON.stringify(answer)}` };
}
