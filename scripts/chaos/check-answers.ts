import {
  type Answer,
  type Attempt,
  type Cancellation,
  type History,
  type Intent,
  isOpen,
  madeIdOf,
  type Reuse,
  type Step,
} from './history.js';
import { describe, type Violation } from './violation.js';

/** What is wrong with the answers by themselves, whatever is stored. */
export function checkAnswers(history: History): Violation[] {
  const { intents, cancellations, holds, waits, reuses } = history;
  return [
    ...intents.flatMap((intent) => checkKey(intent, 'booked')),
    ...holds.flatMap((intent) => checkKey(intent, 'held')),
    ...waits.flatMap((intent) => checkKey(intent, 'joined')),
    ...[...holds, ...waits].flatMap(({ steps }) => steps.flatMap(checkStep)),
    ...cancellations.flatMap(checkCancellation),
    ...reuses.flatMap(checkReuse),
    ...findUnresolved(history),
  ];
}

/** The same key means the same booking, hold or entry: once acknowledged, every further answer is the first one again. */
function checkKey(intent: Intent, made: 'booked' | 'held' | 'joined'): Violation[] {
  const kinds = new Set<Violation['kind']>();
  const report = (kind: Violation['kind']) => kinds.add(kind);
  let acknowledged: string | undefined;
  let mayExist = false;
  for (const { answer } of intent.attempts) {
    if (!isAllowed(answer, [made, 'refused'])) report('unexpected_answer');
    if (answer.kind === 'refused' && acknowledged !== undefined) report('not_replayed');
    if (answer.kind === 'unknown') mayExist = true;
    if (!('isReplay' in answer)) continue;
    if (acknowledged !== undefined && madeIdOf(answer) !== acknowledged) report('id_changed');
    if (acknowledged !== undefined && !answer.isReplay) report('not_replayed');
    // A first answer is repeated that nobody was given: one of those who were told that nothing was changed was lied to.
    if (answer.isReplay && acknowledged === undefined && !mayExist) report('false_unchanged');
    acknowledged ??= madeIdOf(answer);
  }
  return [...kinds].map((kind) => ({ kind, detail: describe(intent) }));
}

const ANSWERS_TO = {
  confirm: ['booked', 'ended'],
  extend: ['extended', 'ended'],
  release: ['released', 'ended'],
  leave: ['entry'],
} as const;

function checkStep({ kind, holdId, attempts }: Step): Violation[] {
  return attempts.flatMap(({ answer }) => {
    const isSame = answer.kind !== 'booked' || answer.bookingId === holdId;
    return isSame && isAllowed(answer, ANSWERS_TO[kind]) ? [] : [unexpected(`to ${kind} ${holdId}`, answer)];
  });
}

function checkCancellation({ bookingId, attempts }: Cancellation): Violation[] {
  return attempts.flatMap(({ answer }) => (isAllowed(answer, ['cancelled']) ? [] : [unexpected(bookingId, answer)]));
}

function checkReuse({ key, attempt }: Reuse): Violation[] {
  const { answer } = attempt;
  if (answer.kind === 'booked') return [{ kind: 'key_reuse_accepted', detail: `${key}: ${JSON.stringify(answer)}` }];
  return isAllowed(answer, ['key_reused']) ? [] : [unexpected(key, answer)];
}

function findUnresolved({ intents, cancellations, holds, waits }: History): Violation[] {
  const named: { readonly name: string; readonly attempts: readonly Attempt[] }[] = [
    ...[...intents, ...holds, ...waits].map(({ key, attempts }) => ({ name: key, attempts })),
    ...cancellations.map(({ bookingId, attempts }) => ({ name: `the cancellation of ${bookingId}`, attempts })),
    ...[...holds, ...waits].flatMap(({ steps }) =>
      steps.map((step) => ({ name: `to ${step.kind} ${step.holdId}`, ...step })),
    ),
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
