import { count, dateTime, plural, rate, span } from '../lib/format.js';
import type { TicketEvent } from '../lib/types.js';
import { outsideWindow } from '../lib/sale-window.js';
import { paceOf } from '../lib/sales-curve.js';
import type { SalesOverTime } from '../lib/use-sales.js';
import { CapacityBar, type Counts, Share, statusLabel } from '../ui/parts.js';

const PACE_SECONDS = 10;

interface Props {
  readonly event: TicketEvent;
  readonly counts: Counts;
  readonly sales: SalesOverTime;
}

/** What is left, what is gone, and how fast: the first thing to look at. */
export function Hero({ event, counts, sales }: Props) {
  return (
    <section class="card hero" aria-label="Tickets">
      <dl>
        <Figure name="Available" value={counts.available} whole={counts.total} kind="available" />
        <Figure name="Held" value={counts.held} whole={counts.total} kind="held" />
        <Figure name="Sold" value={counts.sold} whole={counts.total} kind="sold" />
        <div>
          <dt>Capacity</dt>
          <dd>{count(counts.total)}</dd>
        </div>
      </dl>
      <CapacityBar {...counts} />
      <p class="pace">{toWords(event, counts, sales.isFresh ? paceOf(sales.recent, PACE_SECONDS) : undefined)}</p>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: number;
  readonly whole: number;
  readonly kind: string;
}

function Figure({ name, value, whole, kind }: FigureProps) {
  return (
    <div>
      <dt>
        <span class={`key ${kind}`} />
        {name}
      </dt>
      <dd>
        {count(value)} <Share part={value} whole={whole} />
      </dd>
    </div>
  );
}

/** The pace, and when the tickets are gone if it stays. */
function toWords(event: TicketEvent, { available, held }: Counts, perSecond: number | undefined): string {
  const { status } = event;
  const { opensAt, endedAt } = outsideWindow(event);
  if (status === 'paused') {
    const rest = held === 0 ? '' : ` ${plural(held, 'held ticket')} can still be confirmed.`;
    return `Paused: no new bookings or holds.${rest}`;
  }
  if (status !== 'on_sale') return `${statusLabel(status)}: nothing is sold.`;
  if (opensAt !== undefined) return `The sale opens ${dateTime(opensAt)}.`;
  if (endedAt !== undefined) return `The sale ended ${dateTime(endedAt)}.`;
  if (available === 0 && held === 0) return 'Sold out.';
  if (available === 0)
    return `None available. ${plural(held, 'ticket')} held: they are sold, or become available again.`;
  if (perSecond === undefined) return 'The pace is not known at the moment.';
  if (perSecond <= 0) return 'Nothing was sold in the last 10 seconds.';
  const pace = perSecond >= 1 ? `${rate(perSecond)} tickets a second` : `${rate(perSecond * 60)} tickets a minute`;
  return `Selling ${pace}. At this pace sold out in about ${span(available / perSecond)}.`;
}
