import { count } from '../lib/format.js';
import { toEvent } from '../lib/router.js';
import type { Availability, TicketEvent } from '../lib/types.js';
import { CapacityBar, Share, StatusPill, Time } from '../ui/parts.js';

/** The newer one of what was read and what the stream has said. */
export function countsOf(event: TicketEvent, live: Availability | undefined) {
  const newest = live && live.revision >= event.revision ? live : event;
  const { availableTickets: available, heldTickets: held, soldTickets: sold } = newest;
  return { total: available + held + sold, available, held, sold };
}

export function EventRow({ event, live }: { event: TicketEvent; live: Availability | undefined }) {
  const counts = countsOf(event, live);
  return (
    <tr>
      <th scope="row">
        <a href={toEvent(event._id)} dir="auto">
          {event.name}
        </a>
        <span class="muted small">{event.startsAt === undefined ? 'No date' : <Time at={event.startsAt} />}</span>
      </th>
      <td>
        <StatusPill event={event} available={counts.available} />
      </td>
      <td class="wide">
        <CapacityBar {...counts} />
      </td>
      <td class="number strong" data-label="Available">
        {count(counts.available)}
      </td>
      <td class="number" data-label="Held">
        {count(counts.held)}
      </td>
      <td class="number" data-label="Sold">
        {count(counts.sold)} <Share part={counts.sold} whole={counts.total} />
      </td>
    </tr>
  );
}
