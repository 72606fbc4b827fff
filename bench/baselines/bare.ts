import { serve } from './serve.js';

/** What Fastify itself answers, with a JSON schema and nothing behind it. */
await serve({
  createEvent: () => Promise.resolve('67841f2a3b4c5d6e7f809100'),
  book: () => Promise.resolve({ id: '67842a1b2c3d4e5f60718293', bookedAt: new Date() }),
});
