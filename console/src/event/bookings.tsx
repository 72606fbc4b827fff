import { useRef, useState } from 'preact/hooks';
import { Failure, get, queryOf } from '../lib/api.js';
import { count } from '../lib/format.js';
import type { Booking, BookingAnswer, BookingList, TicketEvent } from '../lib/types.js';
import { Fault, wordsOf } from '../ui/action.js';
import { Icon } from '../ui/icons.js';
import { Card, Empty, Time } from '../ui/parts.js';
import { CancelBooking } from './cancel-booking.js';
import { remainingOf } from './remaining.js';
import { TransferBooking } from './transfer-booking.js';

const ID = /^[0-9a-f]{24}$/i;
const LIMIT = '20';

/** Bookings of the event by what somebody on the phone can say: an id, a reference, or a user. */
async function find(eventId: string, text: string): Promise<Booking[]> {
  if (ID.test(text)) {
    const byId = await get<BookingAnswer>(`/bookings/${text}`).catch((error: unknown) => {
      if (error instanceof Failure && error.problem?.status === 404) return undefined;
      throw error;
    });
    if (byId?.booking.eventId === eventId) return [byId.booking];
  }
  const [byReference, byUser] = await Promise.all([
    get<BookingList>(`/bookings${queryOf({ reference: text, limit: LIMIT })}`),
    get<BookingList>(`/bookings${queryOf({ eventId, userId: text, limit: LIMIT })}`),
  ]);
  const found = [...byReference.bookings, ...byUser.bookings].filter((booking) => booking.eventId === eventId);
  return [...new Map(found.map((booking) => [booking._id, booking])).values()];
}

export function Bookings({ event }: { event: TicketEvent }) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly Booking[] | undefined>();
  const [fault, setFault] = useState<string | undefined>();
  const [open, setOpen] = useState<{ readonly booking: Booking; readonly action: 'cancel' | 'transfer' } | undefined>();
  const searches = useRef(0);
  const search = async () => {
    const number = ++searches.current;
    setFault(undefined);
    const isLatest = () => number === searches.current;
    await find(event._id, text.trim()).then(
      (bookings) => isLatest() && setFound(bookings),
      (error: unknown) => isLatest() && setFault(wordsOf(error)),
    );
  };
  const changed = (booking: Booking) =>
    setFound((known) => known?.map((other) => (other._id === booking._id ? booking : other)));
  return (
    <Card title="Bookings" class="full" hasAge={false}>
      <form
        class="filters"
        role="search"
        aria-label="Bookings"
        onSubmit={(submit) => {
          submit.preventDefault();
          void search();
        }}
      >
        <label class="search">
          <span class="hidden">Id, reference or user of a booking</span>
          <Icon name="search" />
          <input
            name="booking"
            type="search"
            placeholder="Id, reference or user"
            required
            maxLength={128}
            value={text}
            onInput={(input) => setText(input.currentTarget.value)}
          />
        </label>
        <button type="submit">Find</button>
      </form>
      <Fault text={fault} />
      {found?.length === 0 && <Empty>No booking of this event has this id, reference or user.</Empty>}
      {found && found.length > 0 && (
        <table class="bookings">
          <thead>
            <tr>
              <th scope="col">Booking</th>
              <th scope="col">User</th>
              <th scope="col">Booked</th>
              <th scope="col" class="number">
                Tickets
              </th>
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map((booking) => (
              <tr key={booking._id}>
                <th scope="row">
                  <code>{booking._id}</code>
                  <span class="muted small">{booking.reference}</span>
                </th>
                <td data-label="User">{booking.userId}</td>
                <td data-label="Booked">
                  <Time at={booking.bookedAt} />
                </td>
                <td class="number" data-label="Tickets">
                  {toTickets(booking)}
                </td>
                <td class="actions">
                  {remainingOf(booking) > 0 && (
                    <>
                      <button type="button" onClick={() => setOpen({ booking, action: 'cancel' })}>
                        Cancel…
                      </button>
                      <button type="button" onClick={() => setOpen({ booking, action: 'transfer' })}>
                        Transfer…
                      </button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {open?.action === 'cancel' && (
        <CancelBooking event={event} booking={open.booking} onChanged={changed} onClose={() => setOpen(undefined)} />
      )}
      {open?.action === 'transfer' && (
        <TransferBooking booking={open.booking} onChanged={changed} onClose={() => setOpen(undefined)} />
      )}
    </Card>
  );
}

function toTickets(booking: Booking): string {
  const remaining = remainingOf(booking);
  if (remaining === booking.quantity) return count(remaining);
  return remaining === 0 ? 'cancelled' : `${count(remaining)} of ${count(booking.quantity)}`;
}
