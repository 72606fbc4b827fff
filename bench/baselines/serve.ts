import fastify, { type FastifyInstance } from 'fastify';
import { BACKLOG } from './backlog.js';

export interface BookRequest {
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
}

type CreateEvent = (name: string, totalTickets: number, maxTicketsPerUser: number | undefined) => Promise<string>;

/** What a design does with a request; undefined where too few tickets are left. */
export interface Store {
  createEvent: CreateEvent;
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
export const booked = {
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
        reference: string,
        metadata: { type: 'object', additionalProperties: string },
      },
    },
  },
};

const createBody = {
  type: 'object',
  required: ['name', 'totalTickets'],
  properties: {
    name: string,
    totalTickets: { type: 'integer', minimum: 1 },
    maxTicketsPerUser: { type: 'integer', minimum: 1 },
  },
};

/** Fastify with the routes that all have. */
export function createApp(createEvent: CreateEvent): FastifyInstance {
  const app = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  app.get('/health/ready', () => ({ status: 'ok' }));
  app.post<{ Body: { name: string; totalTickets: number; maxTicketsPerUser?: number } }>(
    '/events/create',
    { schema: { body: createBody } },
    async ({ body }, reply) => {
      const id = await createEvent(body.name, body.totalTickets, body.maxTicketsPerUser);
      return reply.code(201).send({ success: true, event: { _id: id } });
    },
  );
  return app;
}

/** Listens where the benchmark said. */
export async function listen(app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']), backlog: BACKLOG });
}

/** Fastify with as little around the store as it takes. */
export async function serve(store: Store): Promise<void> {
  const app = createApp((...event) => store.createEvent(...event));
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
  await listen(app);
}
