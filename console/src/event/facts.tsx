import { price } from '../lib/format.js';
import type { TicketEvent } from '../lib/types.js';
import { Time } from '../ui/parts.js';

/** The rules of the event, in one line. */
export function Facts({ event }: { event: TicketEvent }) {
  const { startsAt, salesStartAt, salesEndAt, maxTicketsPerUser, maxTicketsPerBooking } = event;
  const facts = [
    startsAt !== undefined && (
      <>
        Starts <Time at={startsAt} />
      </>
    ),
    salesStartAt !== undefined && (
      <>
        Sale starts <Time at={salesStartAt} />
      </>
    ),
    salesEndAt !== undefined && (
      <>
        Sale ends <Time at={salesEndAt} />
      </>
    ),
    event.price && price(event.price),
    maxTicketsPerUser !== undefined && `At most ${maxTicketsPerUser} per user`,
    maxTicketsPerBooking !== undefined && `At most ${maxTicketsPerBooking} per booking`,
    event.reference,
  ].filter(Boolean);
  return (
    <ul class="facts muted">
      {facts.map((fact, index) => (
        <li key={index}>{fact}</li>
      ))}
    </ul>
  );
}
