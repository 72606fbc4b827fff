import { useState } from 'preact/hooks';
import { type ReadEvent, readEvent } from '../lib/read-event.js';
import { call, Failure } from '../lib/api.js';
import type { EventAnswer, TicketEvent } from '../lib/types.js';
import { Fault, useAction } from '../ui/action.js';
import { Dialog } from '../ui/dialog.js';
import { Conflict } from './conflict.js';
import { patchEvent } from '../lib/patch-event.js';
import { newKey } from '../lib/new-key.js';
import { EventFields } from './event-fields.js';
import { EMPTY, type Fields, rebase, toFields, toNewEvent, toPatch } from './fields.js';

interface Props {
  /** Absent for a new event. */
  readonly read?: ReadEvent;
  readonly onSaved: (event: TicketEvent) => void;
  readonly onClose: () => void;
}

/** What was read, and what stands in the form. `theirs` is there while somebody else has edited the event meanwhile. */
interface State {
  readonly base: Fields;
  readonly mine: Fields;
  readonly etag: string;
  readonly theirs?: ReadEvent;
}

/** Creates an event, or edits one. */
export function EditDialog({ read, onSaved, onClose }: Props) {
  const [state, setState] = useState<State>(() => {
    const base = read ? toFields(read.event) : EMPTY;
    return { base, mine: base, etag: read?.etag ?? '' };
  });
  const [isDraft, setDraft] = useState(false);
  const [key] = useState(newKey);
  const { isBusy, fault, run } = useAction();
  const close = () => isBusy || onClose();
  const save = async () => {
    if (!read) {
      const headers = { 'idempotency-key': key };
      const created = await call<EventAnswer>('POST', '/events/create', {
        body: { ...toNewEvent(state.mine), ...(isDraft && { status: 'draft' }) },
        headers,
        insists: true,
      });
      onSaved(created.body.event);
      return `“${created.body.event.name}” was created${isDraft ? ' as a draft' : ', and is on sale'}.`;
    }
    const eventId = read.event._id;
    const patch = toPatch(state.base, state.mine);
    if (Object.keys(patch).length === 0) return 'Nothing was changed.';
    try {
      const edited = await patchEvent(eventId, patch, state.etag);
      onSaved(edited);
      return `“${edited.name}” was saved.`;
    } catch (error) {
      if (!(error instanceof Failure) || error.problem?.status !== 412) throw error;
      setState({ ...state, theirs: await readEvent(eventId, read.event.revision + 1) });
      throw error;
    }
  };
  if (state.theirs) {
    const { event, etag } = state.theirs;
    const theirs = toFields(event);
    return (
      <Conflict
        base={state.base}
        mine={state.mine}
        theirs={theirs}
        onClose={onClose}
        onMine={() => setState({ base: theirs, mine: rebase(state.base, state.mine, theirs), etag })}
        onTheirs={() => setState({ base: theirs, mine: theirs, etag })}
      />
    );
  }
  return (
    <Dialog title={read ? 'Edit the event' : 'New event'} isWide onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(save).then((isDone) => isDone && onClose());
        }}
      >
        <fieldset class="all" disabled={isBusy}>
          <EventFields fields={state.mine} mayChoosePools={!read} onChange={(mine) => setState({ ...state, mine })} />
          {!read && (
            <label class="check draft">
              <input
                name="draft"
                type="checkbox"
                checked={isDraft}
                onChange={(change) => setDraft(change.currentTarget.checked)}
              />
              A draft: it is put on sale later
            </label>
          )}
        </fieldset>
        <Fault text={fault} />
        <footer>
          <button type="button" class="quiet" disabled={isBusy} onClick={close}>
            Discard
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Saving…' : read ? 'Save' : isDraft ? 'Create the draft' : 'Create and put on sale'}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
