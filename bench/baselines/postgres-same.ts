import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import pg from 'pg';
import { fingerprintOf } from '../../src/common/idempotency.js';
import { Problem } from '../../src/common/problem.js';
import { booked, createApp, listen } from './serve.js';

/** Of 10, 20 and 40 the best on one event, and as good as 40 on many. */
const POOL = 20;
const ATTEMPTS_MAX = 5;
const SERIALIZATION_FAILURE = '40001';

/** Does all of a booking in one call, so in one round trip and one commit. */
const BOOK = { name: 'book', text: 'SELECT * FROM book($1, $2, $3, $4, $5, $6, $7, $8)' };

interface Body {
  readonly eventId: string;
  readonly userId: string;
  readonly quantity?: number;
  readonly sectionId?: string;
  readonly items?: readonly { readonly sectionId: string; readonly quantity: number }[];
  readonly reference?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

type Outcome =
  | { readonly code: 'booked' | 'replayed'; readonly booking: string; readonly made_at: Date }
  | { readonly code: keyof typeof REFUSALS };

const REFUSALS = {
  event_not_found: { status: 404, title: 'Event not found', message: 'Event not found' },
  section_not_found: { status: 404, title: 'Section not found', message: 'Section not found' },
  not_on_sale: { status: 409, title: 'Not on sale', message: 'This event is not on sale' },
  sold_out: { status: 409, title: 'Sold out', message: 'No tickets available' },
  not_enough_tickets: { status: 409, title: 'Not enough tickets', message: 'No tickets available' },
  user_limit_reached: {
    status: 409,
    title: 'Ticket limit reached',
    message: 'This user has reached the ticket limit of this event',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    message: 'This Idempotency-Key was used for another request',
  },
} as const;

const id = { type: 'string', pattern: '^[0-9a-fA-F]{1,24}$' };
const text = { type: 'string', maxLength: 128, pattern: '[^\\p{C}\\p{Z}]' };
const item = {
  type: 'object',
  additionalProperties: false,
  required: ['sectionId', 'quantity'],
  properties: { sectionId: id, quantity: { type: 'integer', minimum: 1, maximum: 10 } },
};
const body = {
  type: 'object',
  additionalProperties: false,
  required: ['eventId', 'userId'],
  properties: {
    eventId: { type: 'string', pattern: '^[0-9]{1,18}$' },
    userId: text,
    quantity: { type: 'integer', minimum: 1, maximum: 10 },
    sectionId: id,
    items: { type: 'array', minItems: 1, maxItems: 200, items: item },
    reference: text,
    metadata: {
      type: 'object',
      maxProperties: 10,
      propertyNames: { minLength: 1, maxLength: 64 },
      additionalProperties: { type: 'string', maxLength: 256 },
    },
  },
};
const headers = {
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' } },
};

const pool = new pg.Pool({ connectionString: process.env['PG_URL'], max: POOL, min: POOL, idleTimeoutMillis: 0 });
await pool.query(readFileSync(new URL('postgres-same.sql', import.meta.url), 'utf8'));

const app = createApp(async (name, totalTickets, maxTicketsPerUser) => {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO events (name, total_tickets, available_tickets, max_tickets_per_user) VALUES ($1, $2, $2, $3)
     RETURNING id`,
    [name, totalTickets, maxTicketsPerUser],
  );
  return rows[0]?.id ?? '';
});

app.setErrorHandler((error: Error & { validation?: unknown }, request, reply) => {
  const problem = error.validation
    ? { status: 400, code: 'validation_failed', title: 'Invalid request', message: error.message }
    : { status: 500, code: 'internal_error', title: 'Internal error', message: 'Something went wrong' };
  return refuse(request, reply, new Problem(problem));
});

app.post<{ Body: Body; Headers: { 'idempotency-key'?: string } }>(
  '/book',
  { schema: { body, headers, response: { 201: booked } } },
  async (request, reply) => {
    const { eventId, userId, quantity = 1, reference, metadata } = request.body;
    const outcome = await book(request.body, request.headers['idempotency-key']);
    if (outcome.code !== 'booked' && outcome.code !== 'replayed') {
      return refuse(request, reply, new Problem({ code: outcome.code, ...REFUSALS[outcome.code] }));
    }
    const { code, booking, made_at: bookedAt } = outcome;
    reply.code(201).header('location', `/bookings/${booking}`);
    if (code === 'replayed') reply.header('idempotent-replayed', 'true');
    const answer = { _id: booking, eventId, userId, items: [{ quantity }], quantity, status: 'confirmed', bookedAt };
    return { success: true, message: 'Booking successful', booking: { ...answer, reference, metadata } };
  },
);

await listen(app);

async function book(request: Body, key: string | undefined): Promise<Outcome> {
  const { eventId, userId, quantity = 1, sectionId, items, reference, metadata } = request;
  // Its events have no sections.
  if (sectionId !== undefined || items) return { code: 'section_not_found' };
  const fingerprint = key === undefined ? undefined : fingerprintOf(request);
  const values = [eventId, userId, quantity, new Date(), reference, metadata, key, fingerprint];
  for (let attempt = 1; ; attempt++) {
    try {
      const { rows } = await pool.query<Outcome>({ ...BOOK, values });
      if (!rows[0]) throw new Error('the function returns one row');
      return rows[0];
    } catch (error) {
      const isChanged = error instanceof pg.DatabaseError && error.code === SERIALIZATION_FAILURE;
      if (!isChanged || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

function refuse(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(problem.toBody(request.url, request.id)));
}
