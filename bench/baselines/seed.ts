import express from 'express';
import mongoose, { model, Schema, Types } from 'mongoose';
import { BACKLOG } from './backlog.js';

/** The Express API's design: the guarded update, then the booking, each a write of its own. */
await mongoose.connect(process.env['MONGO_URI'] ?? '', {
  writeConcern: { w: 'majority' },
  minPoolSize: 10,
  maxPoolSize: 100,
});

const Event = model(
  'Event',
  new Schema({
    name: { type: String, required: true },
    totalTickets: { type: Number, required: true },
    availableTickets: { type: Number, required: true },
  }),
);
const Booking = model(
  'Booking',
  new Schema({
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: String, required: true },
    quantity: { type: Number, required: true },
    status: { type: String, required: true },
    bookedAt: { type: Date, required: true },
  }),
);

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());

app.get('/health/ready', (_request, response) => {
  response.json({ status: 'ok' });
});

app.post('/events/create', async (request, response) => {
  const { name, totalTickets } = request.body as { name: string; totalTickets: number };
  const event = await Event.create({ name, totalTickets, availableTickets: totalTickets });
  response.status(201).json({ success: true, event });
});

app.post('/book', async (request, response) => {
  const { eventId, userId } = request.body as { eventId?: string; userId?: string };
  if (!eventId || !userId || !Types.ObjectId.isValid(eventId)) {
    response.status(400).json({ success: false, message: 'eventId and userId are required' });
    return;
  }
  const event = await Event.findOneAndUpdate(
    { _id: eventId, availableTickets: { $gte: 1 } },
    { $inc: { availableTickets: -1 } },
    { returnDocument: 'after' },
  ).lean();
  if (!event) {
    response.status(409).json({ success: false, message: 'No tickets available' });
    return;
  }
  const booking = await Booking.create({ eventId, userId, quantity: 1, status: 'confirmed', bookedAt: new Date() });
  response.status(201).json({ success: true, message: 'Booking successful', booking });
});

app.listen(Number(process.env['PORT']), '127.0.0.1', BACKLOG);
