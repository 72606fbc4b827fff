import type { CaseResult, Comparison, Row } from '../bench.js';
import { figureOf, milliseconds, perSecond } from './figures.js';

const WIDTH = 960;
const LEFT = 150;
const BAR_WIDTH = 480;
const ROW_HEIGHT = 22;
const HEAD_HEIGHT = 40;
const MARGIN = 24;
const FOOT_LINE_HEIGHT = 18;

/** White itself, as the pages it is shown on may be dark. */
const STYLE = `
    rect.paper { fill: #fff; }
    text { fill: #1f2328; font-size: 13px; }
    .title { font-weight: 600; font-size: 15px; }
    .foot { fill: #59636e; font-size: 12px; }
    .other { fill: #8c959f; }
    .first { fill: #1a7f37; }
    .spread { stroke: #1f2328; stroke-width: 1.5; }`;

/** Bars of the median rates, a panel with a scale of its own for each comparison; lines from least to most. */
export function toChart(results: readonly CaseResult[], conditions: readonly string[]): string {
  const comparisons = results.flatMap((result) => result.comparisons);
  const parts: string[] = [];
  let y = MARGIN;
  for (const comparison of comparisons) {
    parts.push(...toPanel(comparison, y));
    y += HEAD_HEIGHT + comparison.rows.length * ROW_HEIGHT;
  }
  y += MARGIN;
  for (const line of conditions) {
    parts.push(text(MARGIN, y, line, 'foot'));
    y += FOOT_LINE_HEIGHT;
  }
  const label = 'How many requests a second each contender answers, case by case';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" role="img" aria-label="${label}">`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect class="paper" width="${WIDTH}" height="${y}"/>`,
    ...parts.map((part) => `  ${part}`),
    '</svg>\n',
  ].join('\n');
}

function toPanel({ title, rows }: Comparison, top: number): string[] {
  const most = Math.max(...rows.map((row) => figureOf(row, 'rate').max));
  const scale = (value: number) => Math.round((value / most) * BAR_WIDTH * 10) / 10;
  const parts = [text(MARGIN, top + 16, title, 'title')];
  for (const [index, row] of rows.entries()) {
    parts.push(...toBar(row, index === 0, top + 26 + index * ROW_HEIGHT, scale));
  }
  return parts;
}

function toBar(row: Row, isFirst: boolean, top: number, scale: (value: number) => number): string[] {
  const rate = figureOf(row, 'rate');
  const p99 = figureOf(row, 'p99').median;
  const middle = top + ROW_HEIGHT / 2;
  const [from, to] = [LEFT + scale(rate.min), LEFT + scale(rate.max)];
  const latency = Number.isFinite(p99) ? `, p99 ${milliseconds(p99)} ms` : '';
  return [
    text(MARGIN, middle + 4, row.contender),
    `<rect class="${isFirst ? 'first' : 'other'}" x="${LEFT}" y="${top + 3}" width="${Math.max(1, scale(rate.median))}" height="${ROW_HEIGHT - 6}"/>`,
    `<line class="spread" x1="${from}" y1="${middle}" x2="${to}" y2="${middle}"/>`,
    text(to + 8, middle + 4, `${perSecond(rate.median)}/s${latency}`),
  ];
}

function text(x: number, y: number, content: string, style?: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text${style === undefined ? '' : ` class="${style}"`} x="${x}" y="${y}">${escaped}</text>`;
}
