import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { count, dateTime, percent, span, timeOfDay, utc } from '../lib/format.js';
import { outsideWindow } from '../lib/sale-window.js';
import type { Link } from '../lib/live.js';
import type { EventStatus, TicketEvent } from '../lib/types.js';
import { secondsSince, useNow } from '../lib/use-now.js';

const STATUS_LABELS: Readonly<Record<EventStatus, string>> = {
  draft: 'Draft',
  on_sale: 'On sale',
  paused: 'Paused',
  ended: 'Ended',
  cancelled: 'Cancelled',
};

export const STATUSES = Object.keys(STATUS_LABELS) as readonly EventStatus[];
export const statusLabel = (status: EventStatus): string => STATUS_LABELS[status];

/** What the status means at this moment. */
export function StatusPill({ event, available }: { event: TicketEvent; available: number }) {
  const { status } = event;
  const { opensAt, endedAt } = outsideWindow(event);
  if (status === 'on_sale') {
    if (opensAt !== undefined) return <span class="pill">Opens later</span>;
    if (endedAt !== undefined) return <span class="pill">Sale over</span>;
    if (available === 0) return <span class="pill sold_out">Sold out</span>;
  }
  return <span class={`pill ${status}`}>{STATUS_LABELS[status]}</span>;
}

/** A moment in the viewer's zone; UTC is in the tooltip. */
export function Time({ at, isShort = false }: { at: string; isShort?: boolean }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {isShort ? timeOfDay(at) : dateTime(at)}
    </time>
  );
}

export interface Counts {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

/** How the capacity is shared out. */
export function CapacityBar({ total, available, held, sold }: Counts) {
  const words = `${count(sold)} sold, ${count(held)} held, ${count(available)} available of ${count(total)}`;
  const width = (part: number) => (total === 0 ? 0 : (100 * part) / total);
  return (
    <svg class="capacity" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={words}>
      <title>{words}</title>
      <rect class="available" width="100" height="1" />
      <rect class="held" width={width(sold + held)} height="1" />
      <rect class="sold" width={width(sold)} height="1" />
    </svg>
  );
}

export function Share({ part, whole }: { part: number; whole: number }) {
  return <span class="muted">{percent(part, whole)}</span>;
}

interface CardProps {
  readonly title: string;
  readonly class?: string;
  /** When its data was read, of the page's clock. */
  readonly readAt?: number | undefined;
  /** For how long it is as good as new. */
  readonly freshSeconds?: number;
  readonly hasAge?: boolean;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Card({
  title,
  class: name = '',
  readAt,
  freshSeconds = 15,
  hasAge = true,
  aside,
  children,
}: CardProps) {
  const id = useId();
  return (
    <section class={`card ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <div class="aside">{aside}</div>
        {hasAge && <Age readAt={readAt} freshSeconds={freshSeconds} />}
      </header>
      {children}
    </section>
  );
}

/** How old what is shown is. It has its place from the start. */
function Age({ readAt, freshSeconds }: { readAt: number | undefined; freshSeconds: number }) {
  const seconds = secondsSince(readAt ?? 0, useNow());
  if (readAt === undefined) return <span class="age" />;
  return <span class={seconds > freshSeconds ? 'age old' : 'age'}>{seconds < 2 ? 'now' : `${span(seconds)} ago`}</span>;
}

/** Whether the counts are live; if not, since when. */
export function LinkState({ link }: { link: Link }) {
  const now = useNow();
  if (link.isOpen) {
    return (
      <span class="link live" role="status">
        Live
      </span>
    );
  }
  if (link.heardAt === undefined) return <span class="link">Connecting…</span>;
  // A screen reader hears of it once, not each second.
  return (
    <span class="link down">
      <span role="status">Not live</span> since {count(secondsSince(link.heardAt, now))} s
    </span>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
