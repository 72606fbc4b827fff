import { useState } from 'preact/hooks';
import { EditDialog } from '../forms/edit-dialog.js';
import { get, queryOf } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { go, replaceWith, toEvent, toEvents } from '../lib/router.js';
import type { EventList } from '../lib/types.js';
import { usePoll } from '../lib/use-poll.js';
import { Icon } from '../ui/icons.js';
import { Empty, LinkState } from '../ui/parts.js';
import { CapacityHead } from '../ui/tables.js';
import { EventRow } from './event-row.js';
import { Filters } from './filters.js';

/** One stream follows a page of this size. */
const PAGE = 50;
const REREAD_MS = 10_000;

type Cursors = readonly (string | undefined)[];
/** By search: where somebody was before they looked at an event. */
const pages = new Map<string, Cursors>();

export function EventsPage({ query }: { query: URLSearchParams }) {
  const [isCreating, setCreating] = useState(false);
  const filters = new URLSearchParams([...query].filter(([name]) => name !== 'page'));
  const search = filters.toString();
  /** The cursors of the pages so far: the last one is shown. */
  const [, drawn] = useState(0);
  const cursors = pages.get(search) ?? [undefined];
  const setCursors = (changed: Cursors) => {
    pages.set(search, changed);
    drawn((times) => times + 1);
  };
  const path = `/events${queryOf({ ...Object.fromEntries(filters), limit: String(PAGE), cursor: cursors.at(-1) })}`;
  const list = usePoll((signal) => get<EventList>(path, signal), REREAD_MS, path);
  const events = list.value?.events ?? [];
  const { states, link } = useLive(events.map(({ _id }) => _id));
  const next = list.value?.nextCursor;
  return (
    <div class="page">
      <div class="title">
        <h1>Events</h1>
        <LinkState link={link} />
        <div class="actions">
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New event
          </button>
        </div>
      </div>
      <Filters query={filters} onChange={(changed) => replaceWith(toEvents(queryOf(changed)))} />
      {list.failure && <p class="notice">{list.failure.message} The list is tried again.</p>}
      <div class="card flush">
        <table class="events">
          <CapacityHead>
            <th scope="col">Event</th>
            <th scope="col">Status</th>
          </CapacityHead>
          <tbody>
            {events.map((event) => (
              <EventRow key={event._id} event={event} live={states.get(event._id)} />
            ))}
          </tbody>
        </table>
        {list.value && events.length === 0 && (
          <Empty>
            {search === '' ? 'No event yet. Create the first one.' : 'No event matches. Change the search.'}
          </Empty>
        )}
        {!list.value && !list.failure && <Empty>Reading…</Empty>}
      </div>
      <nav class="pages" aria-label="Pages">
        <button type="button" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
          <Icon name="back" />
          Back
        </button>
        <span class="muted">Page {cursors.length}</span>
        <button
          type="button"
          disabled={next === null || next === undefined}
          onClick={() => setCursors([...cursors, next ?? undefined])}
        >
          Next
          <Icon name="forward" />
        </button>
      </nav>
      {isCreating && <EditDialog onClose={() => setCreating(false)} onSaved={({ _id }) => go(toEvent(_id))} />}
    </div>
  );
}
