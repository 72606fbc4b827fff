import type { mongo } from 'mongoose';
import { nameOfSecret } from '../../src/platform/peers/index.js';
import { Bell } from '../../src/requests/bell/bell.js';
import { RequestWorker } from '../../src/requests/request-worker.js';
import type { Answer, Api } from './api.js';
import type { AppOptions, RunningApp } from './start-app.js';
import { until } from './until.js';

export const RESPOND_ASYNC = { prefer: 'respond-async' };

/** Tells nobody, as a bell whose calls are all lost: what is queued waits until a test lets it be decided. */
class SilentBell extends Bell {
  ring(): void {
    // Nobody hears it.
  }

  answer(): Promise<void> {
    // No call comes.
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** The product whose requests wait until they are decided by `emptyQueue`. */
export const withSilentBell: NonNullable<AppOptions['override']> = (builder) =>
  builder.overrideProvider(Bell).useClass(SilentBell);

/** Decides what waits in the queue of the event. */
export function emptyQueue({ app }: Pick<RunningApp, 'app'>, eventId: string): Promise<void> {
  return app.get(RequestWorker, { strict: false }).empty(eventId);
}

/** The request once it is decided. */
export async function decided(api: Api, id: string): Promise<Answer['body']> {
  let request: Answer['body'];
  await until(`the request ${id} is decided`, async () => {
    ({ request } = (await api.get(`/requests/${id}`)).body);
    return request.status !== 'queued';
  });
  return request;
}

/** Lets a request for a ticket of a new event wait at the server. Returns it when it is decided. */
export async function bookByQueue({ api }: Pick<RunningApp, 'api'>): Promise<Answer['body']> {
  const event = await api.createEvent({ totalTickets: 5 });
  const { request } = (await api.book(event._id, {}, RESPOND_ASYNC)).body;
  return decided(api, request._id);
}

/** The name of the queue at a broker: servers name it by a secret of their database. */
export async function queueNameOf(db: mongo.Db): Promise<string> {
  const secret = await db.collection<{ _id: string; value: string }>('secrets').findOne({ _id: 'servers' });
  return `ticket-booking.${nameOfSecret(secret!.value)}.requests`;
}
