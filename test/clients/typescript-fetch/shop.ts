import { BookingsApi, Configuration, EventsApi, HealthApi, ProblemViewFromJSON, ResponseError } from './client';

/** Sells tickets through the generated client and prints what it saw. Arguments: the server's URL and an API key. */
async function main(basePath: string, accessToken: string): Promise<void> {
  const configuration = new Configuration({ basePath, accessToken });
  const events = new EventsApi(configuration);
  const bookings = new BookingsApi(configuration);
  const health = (await new HealthApi(configuration).isReady()).status;

  const price = { amount: 3_000_000_000, currency: 'EUR' };
  const film = (await events.createEvent({ createEventRequest: { name: 'Film', totalTickets: 1, price } })).event;
  const sections = [
    { name: 'Balcony', capacity: 40, price },
    { name: 'Stalls', capacity: 120 },
  ];
  const wanted = { createEventRequest: { name: 'Concert', sections }, idempotencyKey: 'concert' };
  const concert = (await events.createEvent(wanted)).event;
  const amount = concert.sections[0]?.price?.amount;

  const oneTicket = { eventId: film.id, userId: 'Ada' };
  const ticket = (await bookings.book({ bookRequest: oneTicket, idempotencyKey: 'ticket' })).booking;
  const items = concert.sections.map(({ id }) => ({ sectionId: id, quantity: 2 }));
  const wish = { eventId: concert.id, userId: 'Ada', items, reference: 'order-1001', metadata: { channel: 'web' } };
  const party = (await bookings.book({ bookRequest: wish })).booking;

  const refusal = await bookings.book({ bookRequest: oneTicket }).catch(async (error: unknown) => {
    if (!(error instanceof ResponseError)) throw error;
    return ProblemViewFromJSON(await error.response.json());
  });
  const cancelled = (await bookings.cancelBooking({ id: ticket.id })).booking.status;
  const left = (await events.getEvent({ id: film.id })).event.availableTickets;

  const first = await events.listEvents({ limit: 1 });
  const second = await events.listEvents({ limit: 1, cursor: first.nextCursor ?? undefined });
  const users: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const page = await bookings.listBookings({ limit: 2, cursor });
    users.push(...page.bookings.map(({ userId }) => userId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  console.log(
    JSON.stringify({
      health,
      amount,
      party: [party.quantity, party.reference, party.metadata?.['channel']],
      refusal: [refusal['status'], refusal['code']],
      cancelled,
      left,
      events: [first.events[0]?.name, second.events[0]?.name],
      users,
    }),
  );
}

void main(process.argv[2]!, process.argv[3]!);
