import type { BookingView, EventView, Response } from './answers.js';
import type { Api } from './api.js';
import { EVENTS, type OnSale } from './events.js';
import type { Counts, FinalBooking, FinalState } from './history.js';

/** Opens the events that callers want tickets of. */
export async function openEvents(api: Api): Promise<OnSale[]> {
  const opened: OnSale[] = [];
  for (const event of EVENTS) {
    const view = eventOf(await api.post('/events/create', event));
    const sections = view.sections.map(({ _id: id, capacity }) => ({ id, eventId: view._id, capacity }));
    const whole = { id: view._id, eventId: view._id, capacity: view.totalTickets };
    opened.push({ id: view._id, pools: sections.length > 0 ? sections : [whole] });
  }
  return opened;
}

export async function readCounts(api: Api, eventId: string): Promise<Counts> {
  const { _id, sections, ...view } = eventOf(await api.get(`/events/${eventId}`));
  const pools = sections.map((section) => ({ poolId: section._id, available: section.availableTickets }));
  return {
    eventId: _id,
    capacity: view.totalTickets,
    available: view.availableTickets,
    held: view.heldTickets,
    sold: view.soldTickets,
    pools: pools.length > 0 ? pools : [{ poolId: _id, available: view.availableTickets }],
  };
}

/** All that is stored, as anybody can read it. */
export async function readFinalState(api: Api, events: readonly OnSale[]): Promise<FinalState> {
  const { status, body } = await api.get('/bookings');
  if (status !== 200 || !body.bookings) throw new Error(`the bookings can't be read: ${status} ${body.code ?? ''}`);
  const counts: Counts[] = [];
  const imbalances: string[] = [];
  for (const { id } of events) {
    counts.push(await readCounts(api, id));
    const recount = (await api.get(`/events/${id}/integrity`)).body;
    if (recount.balanced !== true) imbalances.push(`recount of event ${id}: ${JSON.stringify(recount)}`);
  }
  return { bookings: body.bookings.map(toFinalBooking), events: counts, imbalances };
}

function eventOf({ status, body }: Response): EventView {
  if (!body.event) throw new Error(`expected an event, got ${status} ${JSON.stringify(body)}`);
  return body.event;
}

function toFinalBooking({ _id, userId, eventId, status, items }: BookingView): FinalBooking {
  const lines = items.map(({ sectionId, quantity }) => ({ poolId: sectionId ?? eventId, quantity }));
  return { id: _id, userId, eventId, status, lines };
}
