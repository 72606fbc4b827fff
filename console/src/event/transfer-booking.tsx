import { useState } from 'preact/hooks';
import { call } from '../lib/api.js';
import type { Booking, BookingAnswer } from '../lib/types.js';
import { Confirm } from '../ui/action.js';

interface Props {
  readonly booking: Booking;
  readonly onChanged: (booking: Booking) => void;
  readonly onClose: () => void;
}

export function TransferBooking({ booking, onChanged, onClose }: Props) {
  const [userId, setUserId] = useState('');
  const act = async () => {
    const { body } = await call<BookingAnswer>('POST', `/bookings/${booking._id}/transfer`, {
      body: { userId },
      insists: true,
    });
    onChanged(body.booking);
    return `The booking of ${booking.userId} belongs to ${body.booking.userId} now.`;
  };
  return (
    <Confirm title="Transfer this booking" verb="Transfer" hasField act={act} onClose={onClose}>
      <p>
        Another user gets all that is left of this booking, within the limit for each user. Its id and its price stay.
      </p>
      <label>
        New user
        <input
          name="userId"
          required
          autofocus
          maxLength={128}
          value={userId}
          onInput={(input) => setUserId(input.currentTarget.value)}
        />
      </label>
    </Confirm>
  );
}
