import { useState } from 'preact/hooks';
import { call } from '../lib/api.js';
import { newKey } from '../lib/new-key.js';
import { plural } from '../lib/format.js';
import type { Booking, BookingAnswer, TicketEvent } from '../lib/types.js';
import { Confirm } from '../ui/action.js';
import { leftOf as left, remainingOf } from './remaining.js';

interface Props {
  readonly event: TicketEvent;
  readonly booking: Booking;
  readonly onChanged: (booking: Booking) => void;
  readonly onClose: () => void;
}

/** Cancels all that is left of a booking, or a part. */
export function CancelBooking({ event, booking, onChanged, onClose }: Props) {
  const items = booking.items.filter((item) => left(item) > 0);
  const [wanted, setWanted] = useState<readonly number[]>(items.map(left));
  const [reason, setReason] = useState('');
  const [key] = useState(newKey);
  const isAll = items.every((item, place) => wanted[place] === left(item));
  const total = wanted.reduce((sum, quantity) => sum + quantity, 0);
  const act = async () => {
    const part = items.flatMap(({ sectionId }, place) => {
      const quantity = wanted[place] ?? 0;
      return quantity === 0 ? [] : [{ ...(sectionId !== undefined && { sectionId }), quantity }];
    });
    const { body } = await call<BookingAnswer>('POST', `/bookings/${booking._id}/cancel`, {
      body: { ...(!isAll && { items: part }), ...(reason !== '' && { reason }) },
      headers: { 'idempotency-key': key },
      insists: true,
    });
    onChanged(body.booking);
    const gone = remainingOf(booking) - remainingOf(body.booking);
    // Somebody else may have cancelled meanwhile.
    if (gone !== total)
      return `The booking of ${booking.userId} has ${plural(remainingOf(body.booking), 'ticket')} left.`;
    return `${plural(total, 'ticket')} of ${booking.userId} ${total === 1 ? 'was' : 'were'} cancelled.`;
  };
  return (
    <Confirm
      title="Cancel tickets"
      verb={`Cancel ${plural(total, 'ticket')}`}
      isDangerous
      isReady={total > 0}
      act={act}
      onClose={onClose}
    >
      <p>The tickets of {booking.userId} become available at once, for the waitlist first. The refund is the shop’s.</p>
      {items.map((item, place) => (
        <label key={place}>
          {event.sections.find(({ _id }) => _id === item.sectionId)?.name ?? 'Tickets'}, of {left(item)}
          <input
            name="quantity"
            type="number"
            min={0}
            max={left(item)}
            required
            value={wanted[place]}
            onInput={(input) => {
              const quantity = input.currentTarget.valueAsNumber;
              setWanted(wanted.map((other, index) => (index === place ? quantity || 0 : other)));
            }}
          />
        </label>
      ))}
      <label>
        Reason, for the history
        <input name="reason" maxLength={200} value={reason} onInput={(input) => setReason(input.currentTarget.value)} />
      </label>
    </Confirm>
  );
}
