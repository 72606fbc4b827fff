import mongoose from 'mongoose';
import { serve } from './serve.js';

const { MongoClient, ObjectId } = mongoose.mongo;

const TRANSACTION = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } } as const;

const client = await new MongoClient(process.env['MONGO_URI'] ?? '', { minPoolSize: 10, maxPoolSize: 100 }).connect();
const events = client.db().collection('events');
const bookings = client.db().collection('bookings');
await client.db().createCollection('bookings');

/** One transaction for each booking, as the driver's manual has it, on the driver itself. */
await serve({
  async createEvent(name, totalTickets) {
    const { insertedId } = await events.insertOne({ name, totalTickets, availableTickets: totalTickets });
    return insertedId.toHexString();
  },

  book: ({ eventId, userId, quantity }, hasDisconnected) =>
    client.withSession((session) =>
      session.withTransaction(async () => {
        // The driver would retry for 120 s, in the way of whoever is measured next.
        if (hasDisconnected()) throw new Error('the caller has gone');
        const event = await events.findOneAndUpdate(
          { _id: new ObjectId(eventId), availableTickets: { $gte: quantity } },
          { $inc: { availableTickets: -quantity } },
          { session, projection: { _id: 1 } },
        );
        if (!event) return undefined;
        const bookedAt = new Date();
        const booking = { eventId: event._id, userId, quantity, status: 'confirmed', bookedAt };
        const { insertedId } = await bookings.insertOne(booking, { session });
        return { id: insertedId.toHexString(), bookedAt };
      }, TRANSACTION),
    ),
});
