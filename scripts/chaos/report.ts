import {
  acknowledgedIds,
  type Answer,
  type Attempt,
  type History,
  type Intent,
  looksOf,
  mayHaveDone,
  type Step,
} from './history.js';

/** What the table says of a scenario. */
export interface Row {
  readonly scenario: string;
  readonly faults: number;
  readonly requests: number;
  readonly booked: number;
  readonly held: number;
  readonly waited: number;
  readonly offered: number;
  readonly confirmed: number;
  readonly 'refund due': number;
  readonly cancelled: number;
  readonly 'sold out': number;
  readonly overloaded: number;
  readonly unavailable: number;
  readonly unknown: number;
  readonly network: number;
  /** Of the bookings, holds and entries whose outcome was unknown, how many were made and how many were not. */
  readonly resolved: string;
  readonly 'outage ms': number;
  readonly verdict: string;
}

const NETWORK_CODES = ['connection_refused', 'connection_lost', 'timeout'];

/** `underFaults` is the time that outages are looked for in. */
export function toRow(
  scenario: string,
  faults: number,
  history: History,
  underFaults: { readonly fromMs: number; readonly toMs: number },
  verdict: string,
): Row {
  const steps = [...history.holds, ...history.waits].flatMap((intent) => intent.steps);
  const asked = [...history.intents, ...history.cancellations, ...history.holds, ...history.waits, ...steps];
  const attempts = asked.flatMap((one) => one.attempts);
  attempts.push(...history.reuses.map(({ attempt }) => attempt));
  const isKind = (kind: string) => attempts.filter(({ answer }) => answer.kind === kind).length;
  const isCode = (...codes: string[]) =>
    attempts.filter(({ answer }) => 'code' in answer && codes.includes(answer.code));
  const resolved = [...history.intents, ...history.holds, ...history.waits].filter(wasUnknown);
  const booked = resolved.filter((intent) => acknowledgedIds(intent).length > 0).length;
  const refused = resolved.filter(({ attempts }) => attempts.some(({ answer }) => answer.kind === 'refused')).length;
  return {
    scenario,
    faults,
    requests: attempts.length,
    booked: history.intents.filter((intent) => acknowledgedIds(intent).length > 0).length,
    held: history.holds.filter((intent) => acknowledgedIds(intent).length > 0).length,
    waited: history.waits.filter((intent) => acknowledgedIds(intent).length > 0).length,
    offered: history.waits.filter((intent) => looksOf(intent).some(({ status }) => status === 'offered')).length,
    confirmed: [...history.holds, ...history.waits].filter(({ steps }) =>
      steps.some((step) => isAnswered(step, 'booked')),
    ).length,
    'refund due': steps.filter((step) => step.paymentReference !== undefined && isAnswered(step, 'ended')).length,
    cancelled: isKind('cancelled'),
    'sold out': isKind('refused'),
    overloaded: isCode('overloaded').length,
    unavailable: isCode('database_unavailable').length,
    unknown: isCode('outcome_unknown', 'idempotency_in_progress').length,
    network: isCode(...NETWORK_CODES).length,
    resolved: `${booked} + ${refused}`,
    'outage ms': Math.round(longestOutage(attempts, underFaults)),
    verdict,
  };
}

/** Of a scenario that did not come to its end. */
export function failedRow(scenario: string): Row {
  const nothing = { pools: [], intents: [], cancellations: [], holds: [], waits: [], reuses: [], observed: [] };
  return toRow(scenario, 0, nothing, { fromMs: 0, toMs: 0 }, 'failed');
}

function isAnswered({ attempts }: Step, kind: Answer['kind']): boolean {
  return attempts.some(({ answer }) => answer.kind === kind);
}

/** Whether its caller was once left without knowing whether it is booked. */
function wasUnknown({ attempts }: Intent): boolean {
  const first = attempts.find(mayHaveDone);
  return first?.answer.kind === 'unknown';
}

/** The longest time in which nobody at all was told anything definite. */
function longestOutage(attempts: readonly Attempt[], { fromMs, toMs }: { fromMs: number; toMs: number }): number {
  const answered = attempts
    .filter(({ answer, endMs }) => !['unknown', 'unchanged'].includes(answer.kind) && endMs > fromMs && endMs < toMs)
    .map(({ endMs }) => endMs)
    .toSorted((one, other) => one - other);
  let [last, longest] = [fromMs, 0];
  for (const endMs of [...answered, toMs]) {
    longest = Math.max(longest, endMs - last);
    last = endMs;
  }
  return longest;
}

/** The rows below their headings; numbers are aligned at the right. */
export function toTable(rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return '';
  const headings = Object.keys(first);
  const cells = [headings, ...rows.map((row) => Object.values(row).map(String))];
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const align = (line: readonly string[]) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column === line.length - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
  return cells.map((line) => align(line).join('  ').trimEnd()).join('\n');
}
