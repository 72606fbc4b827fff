import type { CaseResult, Comparison, Row } from '../bench.js';
import { figureOf, milliseconds, othersInWords, perSecond, ratio, ratioOf } from './figures.js';
import { type Line, toTable } from './markdown-table.js';
import type { Judgement } from './targets.js';

const HEAD: Line = [
  'case',
  'contender',
  'a second, median (min–max)',
  'p50 ms',
  'p99 ms',
  'first ÷ this',
  'not as expected',
];

/** The whole report as Markdown, whose tables are aligned for a terminal too. */
export function toMarkdown(
  results: readonly CaseResult[],
  judgements: readonly Judgement[],
  conditions: string[],
): string {
  const lines = results.flatMap((result) => result.comparisons.flatMap(toLines));
  const notes = results.flatMap((result) => result.notes.map((note) => `- ${result.name}: ${note}`));
  return [
    '# Results',
    conditions.map((line) => `- ${line}`).join('\n'),
    toTable(HEAD, lines),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    '## Targets',
    toTable(['target', 'measured', ''], judgements.map(toVerdict)),
  ].join('\n\n');
}

function toLines({ title, rows }: Comparison): Line[] {
  return rows.map((row, index) => {
    const rate = figureOf(row, 'rate');
    const range = `(${perSecond(rate.min)}–${perSecond(rate.max)})`;
    return [
      index === 0 ? title : '',
      row.contender,
      row.samples.length > 1 ? `${perSecond(rate.median)} ${range}` : perSecond(rate.median),
      milliseconds(figureOf(row, 'p50').median),
      milliseconds(figureOf(row, 'p99').median),
      index === 0 ? '' : ratio(firstToThis(rows, row)),
      othersInWords(row),
    ];
  });
}

function firstToThis([first]: readonly Row[], row: Row): number {
  return first ? ratioOf(first, row) : Number.NaN;
}

function toVerdict({ target, measured, isReached }: Judgement): Line {
  return [target, measured, isReached === undefined ? '' : isReached ? 'reached' : 'not reached'];
}
