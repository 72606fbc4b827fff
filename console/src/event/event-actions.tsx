import { useState } from 'preact/hooks';
import { EditDialog } from '../forms/edit-dialog.js';
import { download, Failure } from '../lib/api.js';
import { setStatus } from '../lib/patch-event.js';
import type { ReadEvent } from '../lib/read-event.js';
import type { EventStatus, TicketEvent } from '../lib/types.js';
import { Confirm, wordsOf } from '../ui/action.js';
import { Icon } from '../ui/icons.js';
import { say } from '../ui/toasts.js';
import { CancelEvent } from './cancel-event.js';

interface Change {
  readonly to: EventStatus;
  readonly verb: string;
  readonly title: string;
  readonly done: string;
  readonly words: string;
}

const PAUSE: Change = {
  to: 'paused',
  verb: 'Pause the sale',
  title: 'Pause this sale?',
  done: 'The sale is paused. Nobody can book or hold until you resume it.',
  words:
    'From the next moment on, bookings and holds are refused as “not on sale”. What is booked stays booked. Tickets that are held stay held, ' +
    'and can be confirmed until their holds end. Tickets that become free wait for the waitlist. You can resume at any time.',
};
const RESUME: Change = {
  to: 'on_sale',
  verb: 'Resume the sale',
  title: 'Resume this sale?',
  done: 'The sale goes on.',
  words: 'Everybody can book and hold again at once. The waitlist is served first.',
};
const OPEN: Change = {
  ...RESUME,
  verb: 'Put on sale',
  title: 'Put this event on sale?',
  done: 'The event is on sale.',
  words: 'From the next moment on, tickets can be booked and held, within the sales window if there is one.',
};
const END: Change = {
  to: 'ended',
  verb: 'End the sale',
  title: 'End this sale?',
  done: 'The sale has ended.',
  words: 'Nothing is sold any more, and the waitlist ends. Bookings stay. You can put the event on sale again.',
};

const MAIN: Readonly<Partial<Record<EventStatus, Change>>> = {
  draft: OPEN,
  on_sale: PAUSE,
  paused: RESUME,
  ended: OPEN,
};

type Open = 'edit' | 'cancel' | Change | undefined;

export function EventActions({ read, onChanged }: { read: ReadEvent; onChanged: (event: TicketEvent) => void }) {
  const [open, setOpen] = useState<Open>();
  const { event } = read;
  const main = MAIN[event.status];
  const close = () => setOpen(undefined);
  const save = (file: string) =>
    void download(`/events/${event._id}/bookings.csv`, file).then(
      () => say(`${file} was downloaded.`),
      (error: unknown) => say(wordsOf(error instanceof Failure ? error : new Failure(undefined)), true),
    );
  return (
    <div class="actions">
      {main && (
        <button type="button" class={main === PAUSE ? 'stop' : 'primary'} onClick={() => setOpen(main)}>
          <Icon name={main === PAUSE ? 'pause' : 'play'} />
          {main.verb}
        </button>
      )}
      <button type="button" onClick={() => setOpen('edit')}>
        <Icon name="edit" />
        Edit
      </button>
      <button type="button" onClick={() => save(`bookings-${event._id}.csv`)}>
        <Icon name="download" />
        CSV
      </button>
      {(event.status === 'on_sale' || event.status === 'paused') && (
        <button type="button" class="quiet" onClick={() => setOpen(END)}>
          End
        </button>
      )}
      {(event.status !== 'cancelled' || event.soldTickets > 0) && (
        <button type="button" class="quiet bad" onClick={() => setOpen('cancel')}>
          {event.status === 'cancelled' ? 'Cancel bookings' : 'Cancel event'}
        </button>
      )}
      {open === 'edit' && <EditDialog read={read} onClose={close} onSaved={onChanged} />}
      {open === 'cancel' && <CancelEvent event={event} onClose={close} onChanged={onChanged} />}
      {typeof open === 'object' && (
        <Confirm
          title={open.title}
          verb={open.verb}
          onClose={close}
          act={async () => {
            onChanged(await setStatus(event._id, open.to));
            return open.done;
          }}
        >
          <p>{open.words}</p>
        </Confirm>
      )}
    </div>
  );
}
