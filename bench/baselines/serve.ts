import fastify from 'fastify';

export interface BookRequest {
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
}

/** What a design does with a request; undefined where too few tickets are left. */
export interface Store {
  createEvent(name: string, totalTickets: number): Promise<string>;
  book(request: BookRequest, hasDisconnected: () => boolean): Promise<{ id: string; bookedAt: Date } | undefined>;
}

const bookBody = {
  type: 'object',
  additionalProperties: false,
  required: ['eventId', 'userId'],
  properties: {
    eventId: { type: 'string', minLength: 1, maxLength: 24 },
    userId: { type: 'string', minLength: 1, maxLength: 128 },
    quantity: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
  },
};

const string = { type: 'string' };
const integer = { type: 'integer' };

/** Said in advance, so that Fastify writes the answer by code made for it. */
const booked = {
  type: 'object',
  properties: {
    success: { type: 'boolean' },
    message: string,
    booking: {
      type: 'object',
      properties: {
        _id: string,
        eventId: string,
        userId: string,
        items: { type: 'array', items: { type: 'object', properties: { quantity: integer } } },
        quantity: integer,
        status: string,
        bookedAt: { type: 'string', format: 'date-time' },
      },
    },
  },
};

const createBody = {
  type: 'object',
  required: ['name', 'totalTickets'],
  properties: { name: string, totalTickets: { type: 'integer', minimum: 1 } },
};

/** Fastify with as little around the store as it takes. */
export async function serve(store: Store): Promise<void> {
  const app = fastify();
  app.get('/health/ready', () => ({ status: 'ok' }));
  app.post<{ Body: { name: string; totalTickets: number } }>(
    '/events/create',
    { schema: { body: createBody } },
    async ({ body }, reply) => {
      const id = await store.createEvent(body.name, body.totalTickets);
      return reply.code(201).send({ success: true, event: { _id: id } });
    },
  );
  app.post<{ Body: BookRequest }>(
    '/book',
    { schema: { body: bookBody, response: { 201: booked } } },
    async ({ body, raw }, reply) => {
      const booking = await store.book(body, () => raw.socket.destroyed);
      if (!booking) return reply.code(409).send({ success: false, message: 'No tickets available' });
      const { eventId, userId, quantity } = body;
      const answer = { _id: booking.id, eventId, userId, items: [{ quantity }], quantity, status: 'confirmed' };
      return reply.code(201).send({
        success: true,
        message: 'Booking successful',
        booking: { ...answer, bookedAt: booking.bookedAt },
      });
    },
  );
  await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
}
