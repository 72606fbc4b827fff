import type { Row, Sample } from '../bench.js';
import { ratiosOf, type Spread, spreadOf } from '../support/statistics.js';

type Figure = 'rate' | 'p50' | 'p99';

export function figureOf(row: Row, figure: Figure): Spread {
  return spreadOf(valuesOf(row, figure));
}

/** The median of each round's ratio of `subject` to `other`; NaN where there is none. */
export function ratioOf(subject: Row, other: Row, figure: Figure = 'rate'): number {
  return spreadOf(ratiosOf(valuesOf(subject, figure), valuesOf(other, figure))).median;
}

/** Answers with a status that was not expected, by status, over all rounds. */
export function othersOf(row: Row): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { others } of row.samples) {
    for (const [status, count] of Object.entries(others)) sum[status] = (sum[status] ?? 0) + count;
  }
  return sum;
}

/** The same in words. */
export function othersInWords(row: Row): string {
  return Object.entries(othersOf(row))
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

function valuesOf(row: Row, figure: Figure): number[] {
  return row.samples.map((sample: Sample) => sample[figure]);
}

/** A dash for what was not measured. */
function inWords(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function milliseconds(value: number): string {
  return inWords(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

export function perSecond(value: number): string {
  return inWords(value, value < 100 ? 1 : 0);
}

export function ratio(value: number): string {
  return inWords(value, value < 10 ? 2 : 1);
}
