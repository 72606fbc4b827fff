import pg from 'pg';
import { serve } from './serve.js';

/**
 * The best of 5, 10, 20 and 50: more connections only queue for the lock of a hot event's row, and fewer leave the commits
 * of many events waiting for each other.
 */
const POOL = 10;

/** Guards, takes the tickets and inserts the booking in one statement, so in one round trip and one commit. */
const BOOK = {
  name: 'book',
  text: `WITH taken AS (
      UPDATE events SET available_tickets = available_tickets - $3
      WHERE id = $1 AND available_tickets >= $3 RETURNING id
    )
    INSERT INTO bookings (event_id, user_id, quantity, status, booked_at)
    SELECT id, $2, $3, 'confirmed', $4 FROM taken RETURNING id`,
};

const pool = new pg.Pool({ connectionString: process.env['PG_URL'], max: POOL, min: POOL, idleTimeoutMillis: 0 });

// Half of each page of events stays free, so that a sale rewrites its row there and touches no index.
await pool.query(`
  CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    total_tickets integer NOT NULL,
    available_tickets integer NOT NULL CHECK (available_tickets >= 0)
  ) WITH (fillfactor = 50);
  CREATE TABLE bookings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL,
    user_id text NOT NULL,
    quantity integer NOT NULL,
    status text NOT NULL,
    booked_at timestamptz NOT NULL
  )`);

await serve({
  async createEvent(name, totalTickets) {
    const { rows } = await pool.query<{ id: string }>(
      'INSERT INTO events (name, total_tickets, available_tickets) VALUES ($1, $2, $2) RETURNING id',
      [name, totalTickets],
    );
    return rows[0]?.id ?? '';
  },

  async book({ eventId, userId, quantity }) {
    const bookedAt = new Date();
    const { rows } = await pool.query<{ id: string }>({ ...BOOK, values: [eventId, userId, quantity, bookedAt] });
    return rows[0] && { id: rows[0].id, bookedAt };
  },
});
