import createClient from 'openapi-fetch';
import type { components, paths } from './client';

/** Without `Prefer: respond-async`, what is booked is answered, and no request that waits. */
type Booked = components['schemas']['BookedResponse'];

/** Sells tickets through the typed client and prints what it saw. Arguments: the server's URL and an API key. */
async function main(baseUrl: string, key: string): Promise<void> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
  const health = orThrow(await client.GET('/health/ready')).status;

  const price = { amount: 3_000_000_000, currency: 'EUR' };
  const { event: film } = orThrow(
    await client.POST('/events/create', { body: { name: 'Film', totalTickets: 1, price } }),
  );
  const sections = [
    { name: 'Balcony', capacity: 40, price },
    { name: 'Stalls', capacity: 120 },
  ];
  const { event: concert } = orThrow(
    await client.POST('/events/create', {
      params: { header: { 'Idempotency-Key': 'concert' } },
      body: { name: 'Concert', sections },
    }),
  );
  const amount = concert.sections[0]?.price?.amount;

  const oneTicket = { eventId: film._id, userId: 'Ada' };
  const params = { header: { 'Idempotency-Key': 'ticket' } };
  const { booking: ticket } = orThrow(await client.POST('/book', { params, body: oneTicket })) as Booked;
  const items = concert.sections.map(({ _id }) => ({ sectionId: _id, quantity: 2 }));
  const wish = { eventId: concert._id, userId: 'Ada', items, reference: 'order-1001', metadata: { channel: 'web' } };
  const { booking: party } = orThrow(await client.POST('/book', { body: wish })) as Booked;

  const { error: refusal } = await client.POST('/book', { body: oneTicket });
  const cancelled = orThrow(await client.POST('/bookings/{id}/cancel', { params: { path: { id: ticket._id } } }));
  const read = orThrow(await client.GET('/events/{id}', { params: { path: { id: film._id } } }));

  const first = orThrow(await client.GET('/events', { params: { query: { limit: 1 } } }));
  const after = { limit: 1, cursor: first.nextCursor ?? undefined };
  const second = orThrow(await client.GET('/events', { params: { query: after } }));
  const users: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const page = orThrow(await client.GET('/bookings', { params: { query: { limit: 2, cursor } } }));
    users.push(...page.bookings.map(({ userId }) => userId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  console.log(
    JSON.stringify({
      health,
      amount,
      party: [party.quantity, party.reference, party.metadata?.['channel']],
      refusal: [refusal?.status, refusal?.code],
      cancelled: cancelled.booking.status,
      left: read.event.availableTickets,
      events: [first.events[0]?.name, second.events[0]?.name],
      users,
    }),
  );
}

function orThrow<Data>({ data, error }: { data?: Data; error?: unknown }): Data {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

void main(process.argv[2]!, process.argv[3]!);
