import { useEffect, useState } from 'preact/hooks';
import { rate } from '../lib/format.js';
import { type Now, type Outcome, OUTCOME_LABELS, OUTCOMES, summarise } from '../lib/outcomes.js';
import type { Operations } from '../lib/types.js';
import type { Polled } from '../lib/use-poll.js';
import { Chart } from '../ui/chart.js';
import { Card } from '../ui/parts.js';

const KEPT = 300;
const COLOURS: Readonly<Record<Outcome, string>> = {
  booked: '--sold',
  held: '--held',
  queued: '--queued',
  soldOut: '--soldout',
  refused: '--refused',
  limited: '--limited',
  overload: '--overload',
  unknown: '--unknown',
};

interface Point extends Pick<Now, 'rates'> {
  readonly at: number;
}

/** What callers got, since this page was opened. */
export function OutcomesChart({ operations, eventId }: { operations: Polled<Operations>; eventId: string }) {
  const [points, setPoints] = useState<readonly Point[]>([]);
  const { value } = operations;
  useEffect(() => {
    if (!value) return;
    const point = { at: Date.parse(value.at) / 1_000, rates: summarise(value, eventId).rates };
    setPoints((known) => [...known.filter(({ at }) => at < point.at), point].slice(-KEPT));
  }, [value]);
  const shown = OUTCOMES.filter((outcome) => outcome === 'booked' || points.some(({ rates }) => rates[outcome] > 0));
  return (
    <Card title="Answers a second" class="two" readAt={operations.readAt}>
      <Chart
        label="Answers a second"
        format={rate}
        times={points.map(({ at }) => at)}
        series={shown.map((outcome) => ({
          label: OUTCOME_LABELS[outcome],
          colour: COLOURS[outcome],
          isFilled: outcome === 'booked',
          values: points.map(({ rates }) => rates[outcome]),
        }))}
      />
    </Card>
  );
}
