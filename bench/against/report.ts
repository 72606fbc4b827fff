import { milliseconds, othersInWords, perSecond, ratio } from '../report/figures.js';
import { toTable } from '../report/markdown-table.js';
import type { HotCaseName } from '../options.js';
import { ratiosOf, spreadOf } from '../support/statistics.js';
import type { Build } from './build.js';
import type { HotSample, Round } from './round.js';

type Figure = 'rate' | 'p99' | 'serverMicros' | 'mongodMicros';

const FIGURES: readonly { name: string; figure: Figure; write: (value: number) => string }[] = [
  { name: 'bookings a second', figure: 'rate', write: perSecond },
  { name: 'p99 ms', figure: 'p99', write: milliseconds },
  { name: 'CPU µs of the server for a booking', figure: 'serverMicros', write: perSecond },
  { name: 'CPU µs of mongod for a booking', figure: 'mongodMicros', write: perSecond },
];

/** One round as a line of progress. */
export function toLine({ build, samples }: Round): string {
  const cases = [...samples].map(([name, sample]) => {
    const figures = FIGURES.map(({ name, figure, write }) => `${name} ${write(sample[figure])}`);
    return `${name}: ${figures.join(', ')}`;
  });
  return [build.label, ...cases].join('; ');
}

/** Medians of both builds, and the median of each pair's own ratio, as Markdown. */
export function toMarkdown(
  rounds: readonly Round[],
  [other, current]: readonly [Build, Build],
  cases: readonly HotCaseName[],
  facts: readonly string[],
): string {
  const head = ['case', 'median', other.label, current.label, `${current.label} ÷ ${other.label}, median (min–max)`];
  const lines = cases.flatMap((name) => {
    const [before, after] = [samplesOf(rounds, other, name), samplesOf(rounds, current, name)];
    return FIGURES.map(({ name: figureName, figure, write }, index) => {
      const [from, to] = [before, after].map((samples) => samples.map((sample) => sample[figure]));
      const { median, min, max } = spreadOf(ratiosOf(to ?? [], from ?? []));
      return [
        index === 0 ? name : '',
        figureName,
        write(spreadOf(from ?? []).median),
        write(spreadOf(to ?? []).median),
        `${ratio(median)} (${ratio(min)}–${ratio(max)})`,
      ];
    });
  });
  const strays = [other, current].flatMap((build) =>
    cases.flatMap((name) => {
      const words = othersInWords({ contender: build.label, samples: samplesOf(rounds, build, name) });
      return words === '' ? [] : [`${build.label}, ${name}: not as expected: ${words}`];
    }),
  );
  return [
    `# ${current.label} against ${other.label}`,
    [...facts, ...strays].map((fact) => `- ${fact}`).join('\n'),
    toTable(head, lines),
  ].join('\n\n');
}

function samplesOf(rounds: readonly Round[], build: Build, name: HotCaseName): HotSample[] {
  return rounds.filter((round) => round.build === build).flatMap(({ samples }) => samples.get(name) ?? []);
}
