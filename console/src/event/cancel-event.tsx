import { useState } from 'preact/hooks';
import { call } from '../lib/api.js';
import { plural } from '../lib/format.js';
import { setStatus } from '../lib/patch-event.js';
import { readEvent } from '../lib/read-event.js';
import type { TicketEvent } from '../lib/types.js';
import { Confirm } from '../ui/action.js';

interface Props {
  readonly event: TicketEvent;
  readonly onChanged: (event: TicketEvent) => void;
  readonly onClose: () => void;
}

/** Cancels the event, and its bookings if that is wanted: those of an event that is cancelled already, too. */
export function CancelEvent({ event, onChanged, onClose }: Props) {
  const isCancelled = event.status === 'cancelled';
  const [takesBookings, setTakesBookings] = useState(isCancelled);
  const [reason, setReason] = useState('');
  const act = async () => {
    if (!isCancelled) onChanged(await setStatus(event._id, 'cancelled'));
    if (!takesBookings) return 'The event is cancelled. Its bookings stay.';
    const cancelled = await cancelBookings(event._id, reason);
    onChanged((await readEvent(event._id, event.revision)).event);
    return `The event is cancelled, with ${plural(cancelled, 'booking')}.`;
  };
  const title = isCancelled ? 'Cancel the bookings of this event?' : 'Cancel this event for good?';
  const verb = isCancelled ? 'Cancel the bookings' : 'Cancel the event';
  return (
    <Confirm title={title} verb={verb} isDangerous isReady={takesBookings || !isCancelled} act={act} onClose={onClose}>
      {!isCancelled && (
        <p>Nothing can be sold any more, holds and waitlist end, and an event that is cancelled stays so.</p>
      )}
      <p>{plural(event.soldTickets, 'ticket')} sold so far.</p>
      <label class="check">
        <input
          name="bookings"
          type="checkbox"
          checked={takesBookings}
          onChange={(change) => setTakesBookings(change.currentTarget.checked)}
        />
        Cancel all bookings, too. Refunds are the shop’s.
      </label>
      <label>
        Reason, for the history of each booking
        <input
          name="reason"
          maxLength={200}
          disabled={!takesBookings}
          value={reason}
          onInput={(input) => setReason(input.currentTarget.value)}
        />
      </label>
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
