import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { count, shortCount, timeOfDay, toTicks } from '../lib/format.js';

interface Series {
  readonly label: string;
  /** The name of a variable of the stylesheet. */
  readonly colour: string;
  readonly values: readonly number[];
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
}

interface Props {
  /** What the chart shows, for those who don't see it. */
  readonly label: string;
  /** Seconds since 1970, one for each value. */
  readonly times: readonly number[];
  /** Those that come later are drawn on top. */
  readonly series: readonly Series[];
  readonly format?: (value: number) => string;
}

/** An axis of less would stretch a few points. */
const LEAST_SECONDS = 60;
/** How far the lines of an axis may be apart: no part of a ticket, no part of a second. */
const WHOLE = Array.from({ length: 11 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800, 2_592_000];
const DARK = matchMedia('(prefers-color-scheme: dark)');

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({ width: clientWidth, height: clientHeight });
const colourOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Values over time. Above it stand the values at the cursor, or else the newest. */
export function Chart({ label, times, series, format = count }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const [cursor, setCursor] = useState<number | null>(null);
  const shape = series.map(({ label: name }) => name).join();
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const axis = {
      stroke: () => colourOf('--muted'),
      grid: { stroke: () => colourOf('--line'), width: 1 },
      ticks: { show: false },
      font: `${Math.round(rem * 0.75)}px ${getComputedStyle(document.body).fontFamily}`,
    };
    const chart = new UPlot(
      {
        ...sizeOf(element),
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { range: (_chart, least, most) => [Math.min(least, most - LEAST_SECONDS), most] },
          y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.05)] },
        },
        axes: [
          { ...axis, space: rem * 6, size: rem * 2.2, incrs: TIMES, values: (_chart, values) => toTicks(values) },
          { ...axis, size: rem * 4, incrs: WHOLE, values: (_chart, values) => values.map(shortCount) },
        ],
        series: [{}, ...series.map(toLine)],
        hooks: { setCursor: [({ cursor: { idx } }) => setCursor(idx ?? null)] },
      },
      [[], ...series.map(() => [])],
      element,
    );
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize(sizeOf(element)));
    resize.observe(element);
    const redraw = () => chart.redraw();
    DARK.addEventListener('change', redraw);
    return () => {
      resize.disconnect();
      DARK.removeEventListener('change', redraw);
      chart.destroy();
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData([[...times], ...series.map(({ values }) => [...values])]);
  });

  const index = cursor !== null && cursor < times.length ? cursor : times.length - 1;
  const time = times[index];
  const shown = series.map((line) => ({ ...line, value: line.values[index] }));
  const words = shown
    .map(({ label: name, value }) => `${name} ${value === undefined ? '–' : format(value)}`)
    .join(', ');
  return (
    <figure class="chart">
      <figcaption>
        <ul class="legend">
          {shown.map(({ label: name, colour, value }) => (
            <li key={name}>
              <span class={`key ${colour.slice(2)}`} />
              {name} <b>{value === undefined ? '–' : format(value)}</b>
            </li>
          ))}
        </ul>
        <span class="muted">{time === undefined ? '' : timeOfDay(new Date(time * 1_000).toISOString())}</span>
      </figcaption>
      <div ref={frame} class="plot" role="img" aria-label={`${label}: ${words}`} />
    </figure>
  );
}

function toLine({ label, colour, isDashed, isFilled }: Series): UPlot.Series {
  return {
    label,
    width: 1.5,
    stroke: () => colourOf(colour),
    ...(isFilled && { fill: () => colourOf(`${colour}-fill`) }),
    ...(isDashed && { dash: [6, 5] }),
    points: { show: false },
  };
}
