import { useEffect, useRef } from 'preact/hooks';
import { countsOf } from '../events/event-row.js';
import { get } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { summarise } from '../lib/outcomes.js';
import { toEvents } from '../lib/router.js';
import { readEvent } from '../lib/read-event.js';
import type { Operations, TicketEvent } from '../lib/types.js';
import { usePoll } from '../lib/use-poll.js';
import { useSales } from '../lib/use-sales.js';
import { Empty, LinkState, StatusPill } from '../ui/parts.js';
import { Books } from './books.js';
import { Bookings } from './bookings.js';
import { EventActions } from './event-actions.js';
import { Facts } from './facts.js';
import { Funnel } from './funnel.js';
import { Hero } from './hero.js';
import { Holds } from './holds.js';
import { OutcomesChart } from './outcomes-chart.js';
import { RightNow } from './right-now.js';
import { SalesChart } from './sales-chart.js';
import { Sections } from './sections.js';
import { Waitlist } from './waitlist.js';

const BRAND = 'Ticket booking';
const EVENT_MS = 5_000;
const NOW_MS = 1_000;

export function EventPage({ eventId }: { eventId: string }) {
  const least = useRef(0);
  const read = usePoll((signal) => readEvent(eventId, least.current, signal), EVENT_MS, eventId);
  const changed = (event: TicketEvent) => {
    least.current = event.revision;
    read.refresh();
  };
  const { states, link } = useLive([eventId]);
  const sales = useSales(eventId);
  const path = `/operations?eventId=${eventId}`;
  const operations = usePoll((signal) => get<Operations>(path, signal), NOW_MS, path);
  const isGone = read.failure?.problem?.status === 404;
  if (!read.value || isGone) {
    const words = isGone ? 'There is no such event, or it was deleted.' : (read.failure?.message ?? 'Reading…');
    return (
      <div class="page">
        <Crumbs />
        <Empty>{words}</Empty>
      </div>
    );
  }
  const { event } = read.value;
  const live = states.get(eventId);
  const counts = countsOf(event, live);
  const now = operations.value && summarise(operations.value, eventId);
  return (
    <div class="page event">
      <Crumbs />
      <div class="title">
        <Title name={event.name} />
        <StatusPill event={event} available={counts.available} />
        <LinkState link={link} />
        <EventActions read={read.value} onChanged={changed} />
      </div>
      <Facts event={event} />
      {read.failure && <p class="notice">{read.failure.message} The event is read again.</p>}
      <Hero event={event} counts={counts} sales={sales} />
      <div class="columns">
        <SalesChart sales={sales} counts={counts} />
        <RightNow now={now} operations={operations} />
        <OutcomesChart operations={operations} eventId={eventId} />
        <Funnel sales={sales} now={now} />
        {event.sections.length > 0 && <Sections event={event} live={live} />}
        <Books eventId={eventId} isSoldOut={counts.available + counts.held === 0} />
        <Holds eventId={eventId} held={counts.held} />
        <Waitlist eventId={eventId} />
        <Bookings event={event} />
      </div>
    </div>
  );
}

/** Names the page and the tab, and takes the focus: what was clicked to come here is gone. */
function Title({ name }: { name: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    heading.current?.focus();
  }, []);
  useEffect(() => {
    document.title = `${name} – ${BRAND}`;
    return () => {
      document.title = BRAND;
    };
  }, [name]);
  return (
    <h1 ref={heading} tabIndex={-1} dir="auto">
      {name}
    </h1>
  );
}

function Crumbs() {
  return (
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href={toEvents()}>Events</a>
    </nav>
  );
}
