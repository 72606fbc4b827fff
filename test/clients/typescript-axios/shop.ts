import axios from 'axios';
import { BookingsApi, Configuration, EventsApi, HealthApi, type ProblemView } from './client';

/** Sells tickets through the generated client and prints what it saw. Arguments: the server's URL and an API key. */
async function main(basePath: string, accessToken: string): Promise<void> {
  const configuration = new Configuration({ basePath, accessToken });
  const events = new EventsApi(configuration);
  const bookings = new BookingsApi(configuration);
  const health = (await new HealthApi(configuration).isReady()).data.status;

  const price = { amount: 3_000_000_000, currency: 'EUR' };
  const film = (await events.createEvent({ name: 'Film', totalTickets: 1, price })).data.event;
  const sections = [
    { name: 'Balcony', capacity: 40, price },
    { name: 'Stalls', capacity: 120 },
  ];
  const concert = (await events.createEvent({ name: 'Concert', sections }, 'concert')).data.event;
  const amount = concert.sections[0]?.price?.amount;

  const oneTicket = { eventId: film._id, userId: 'Ada' };
  const ticket = (await bookings.book(oneTicket, 'ticket')).data.booking;
  const items = concert.sections.map(({ _id }) => ({ sectionId: _id, quantity: 2 }));
  const wish = { eventId: concert._id, userId: 'Ada', items, reference: 'order-1001', metadata: { channel: 'web' } };
  const party = (await bookings.book(wish)).data.booking;

  const refusal = await bookings.book(oneTicket).catch((error: unknown) => {
    if (!axios.isAxiosError<ProblemView>(error)) throw error;
    return error.response?.data;
  });
  const cancelled = (await bookings.cancelBooking(ticket._id)).data.booking.status;
  const left = (await events.getEvent(film._id)).data.event.availableTickets;

  const first = (await events.listEvents(1)).data;
  const second = (await events.listEvents(1, undefined, first.nextCursor ?? undefined)).data;
  const users: (string | null)[] = [];
  let cursor: string | null | undefined;
  do {
    const filters = [undefined, undefined, undefined, undefined, undefined, undefined] as const;
    const page = (await bookings.listBookings(2, ...filters, cursor ?? undefined)).data;
    users.push(...page.bookings.map(({ userId }) => userId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  console.log(
    JSON.stringify({
      health,
      amount,
      party: [party.quantity, party.reference, party.metadata?.['channel']],
      refusal: refusal && 'code' in refusal ? [refusal.status, refusal.code] : undefined,
      cancelled,
      left,
      events: [first.events[0]?.name, second.events[0]?.name],
      users,
    }),
  );
}

void main(process.argv[2]!, process.argv[3]!);
