import { useState } from 'preact/hooks';
import { call } from '../lib/api.js';
import { count, plural } from '../lib/format.js';
import type { TicketEvent } from '../lib/types.js';
import { Confirm } from '../ui/action.js';
import { setStatus } from './set-status.js';

interface Props {
  readonly event: TicketEvent;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Cancels the event, and its bookings if that is wanted. */
export function CancelEvent({ event, onChanged, onClose }: Props) {
  const [takesBookings, setTakesBookings] = useState(true);
  const [reason, setReason] = useState('');
  const act = async () => {
    await setStatus(event._id, 'cancelled');
    onChanged();
    if (!takesBookings) return 'The event is cancelled. Its bookings stay.';
    const cancelled = await cancelBookings(event._id, reason);
    onChanged();
    return `The event is cancelled, and so ${cancelled === 1 ? 'is 1 booking' : `are ${count(cancelled)} bookings`}.`;
  };
  return (
    <Confirm title="Cancel this event for good?" verb="Cancel the event" isDangerous act={act} onClose={onClose}>
      <p>
        Nothing can be sold any more, holds and waitlist end, and an event that is cancelled stays so.{' '}
        {plural(event.soldTickets, 'ticket')} sold so far.
      </p>
      <label class="check">
        <input
          name="bookings"
          type="checkbox"
          checked={takesBookings}
          onChange={(change) => setTakesBookings(change.currentTarget.checked)}
        />
        Cancel all bookings, too. Refunds are the shop’s.
      </label>
      {takesBookings && (
        <label>
          Reason, for the history of each booking
          <input
            name="reason"
            maxLength={200}
            value={reason}
            onInput={(input) => setReason(input.currentTarget.value)}
          />
        </label>
      )}
    </Confirm>
  );
}

/** Goes on until none is left: the server cancels a bounded number at a time. Returns how many it were. */
async function cancelBookings(eventId: string, reason: string): Promise<number> {
  for (let total = 0; ;) {
    const { body } = await call<{ cancelled: number; remaining: number }>(
      'POST',
      `/events/${eventId}/cancel-bookings`,
      {
        body: reason === '' ? {} : { reason },
        insists: true,
      },
    );
    total += body.cancelled;
    if (body.remaining === 0) return total;
  }
}
