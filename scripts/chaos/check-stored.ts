import { groupBy } from './group-by.js';
import {
  acknowledgedIds,
  type FinalBooking,
  type FinalEntry,
  type FinalHold,
  type Intent,
  type Line,
} from './history.js';
import { describe, type Noun, type Violation } from './violation.js';

type Stored = Omit<FinalBooking | FinalHold | FinalEntry, 'status'>;

/** What is wrong between what callers were told that they have, and what is stored. */
export function checkStored(noun: Noun, intents: readonly Intent[], stored: readonly Stored[]): Violation[] {
  const byId = new Map(stored.map((one) => [one.id, one]));
  const byUser = groupBy(stored, ({ userId }) => userId);
  const users = new Set(intents.map(({ userId }) => userId));
  return [
    ...intents.flatMap((intent) => checkIntent(noun, intent, byUser.get(intent.userId) ?? [], byId)),
    ...stored.filter(({ userId }) => !users.has(userId)).map((one) => phantom(noun, one)),
  ];
}

function checkIntent(
  noun: Noun,
  intent: Intent,
  found: readonly Stored[],
  byId: ReadonlyMap<string, Stored>,
): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind']) =>
    violations.push({ kind, detail: `${describe(intent)}, stored: ${JSON.stringify(found)}` });
  const acknowledged = acknowledgedIds(intent);
  for (const id of acknowledged) {
    const one = byId.get(id);
    if (!one) report(`lost_${noun}`);
    else if (!isWanted(one, intent)) report(`altered_${noun}`);
  }
  if (found.length > 1) report(`doubled_${noun}`);
  if (acknowledged.length === 0 && found.length > 0) {
    if (intent.attempts.some(({ answer }) => answer.kind === 'refused')) report('refused_but_made');
    if (intent.attempts.every(({ answer }) => answer.kind === 'unchanged')) report('unchanged_but_made');
  }
  return violations;
}

/** Whether it is what the intent asks for. */
export function isWanted({ userId, eventId, lines }: Stored, intent: Intent): boolean {
  return userId === intent.userId && eventId === intent.eventId && toText(lines) === toText(intent.lines);
}

function toText(lines: readonly Line[]): string {
  return lines
    .map(({ poolId, quantity }) => `${poolId}×${quantity}`)
    .toSorted()
    .join();
}

export function phantom(noun: Noun, stored: Stored): Violation {
  return { kind: `phantom_${noun}`, detail: `nobody asked for ${JSON.stringify(stored)}` };
}
