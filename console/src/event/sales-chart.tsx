import { useState } from 'preact/hooks';
import type { SalesBucket } from '../lib/types.js';
import type { SalesOverTime } from '../lib/use-sales.js';
import { Chart } from '../ui/chart.js';
import { Card, type Counts } from '../ui/parts.js';
import { Choice } from '../ui/choice.js';

const RANGES = { recent: 'Last 5 minutes', whole: 'Since the start' } as const;
type Range = keyof typeof RANGES;

/** How capacity became sold. */
export function SalesChart({ sales, counts }: { sales: SalesOverTime; counts: Counts }) {
  const [range, setRange] = useState<Range>('recent');
  const buckets = sales[range] ?? [];
  const last = buckets.at(-1);
  // By the page's clock, which may differ from the server's.
  const age = sales.readAt === undefined ? 0 : performance.now() - sales.readAt;
  // The newest counts come by the stream, ahead of the next bucket.
  const now: SalesBucket | undefined = last && {
    ...last,
    at: new Date(Date.parse(last.at) + Math.max(1, age)).toISOString(),
    totalTickets: counts.total,
    availableTickets: counts.available,
    heldTickets: counts.held,
    soldTickets: counts.sold,
  };
  // Before the event was made there is nothing to see.
  const points = now ? [...buckets.filter(({ totalTickets }) => totalTickets > 0), now] : [];
  return (
    <Card
      title="Sales"
      class="two"
      readAt={sales.readAt}
      aside={<Choice<Range> label="Range" options={RANGES} value={range} onChange={setRange} />}
    >
      <Chart
        label="Tickets over time"
        times={points.map(({ at }) => Date.parse(at) / 1_000)}
        series={[
          {
            label: 'Capacity',
            colour: '--capacity',
            isDashed: true,
            values: points.map((point) => point.totalTickets),
          },
          {
            label: 'Held and sold',
            colour: '--held',
            isFilled: true,
            values: points.map(({ heldTickets, soldTickets }) => heldTickets + soldTickets),
          },
          { label: 'Sold', colour: '--sold', isFilled: true, values: points.map((point) => point.soldTickets) },
        ]}
      />
    </Card>
  );
}
