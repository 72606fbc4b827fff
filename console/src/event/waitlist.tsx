import { get } from '../lib/api.js';
import { count } from '../lib/format.js';
import type { EntryList } from '../lib/types.js';
import { usePoll } from '../lib/use-poll.js';
import { Card, Empty, Time } from '../ui/parts.js';

const SHOWN = 8;

/** Who waits for tickets, and who has an offer. */
export function Waitlist({ eventId }: { eventId: string }) {
  const path = `/events/${eventId}/waitlist`;
  const waiting = usePoll((signal) => get<EntryList>(`${path}?status=waiting&limit=100`, signal), 5_000, path);
  const offered = usePoll(
    (signal) => get<EntryList>(`${path}?status=offered&limit=100`, signal),
    5_000,
    `${path} offers`,
  );
  const entries = waiting.value?.entries ?? [];
  const offers = offered.value?.entries ?? [];
  // The newest entry comes first: its place is how many wait.
  const length = entries[0]?.position ?? entries.length;
  const words = entries.length === 0 ? '' : `${length > 1_000 ? 'about ' : ''}${count(length)} waiting`;
  const shown = [...offers, ...entries.toReversed()].slice(0, SHOWN);
  return (
    <Card title="Waitlist" readAt={waiting.readAt} aside={<span class="muted">{words}</span>}>
      {shown.length === 0 && (
        <Empty>{waiting.failure?.message ?? (waiting.value ? 'Nobody waits.' : 'Reading…')}</Empty>
      )}
      {shown.length > 0 && (
        <table class="compact">
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col" class="number">
                Tickets
              </th>
              <th scope="col" class="number">
                Place
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => (
              <tr key={entry._id}>
                <td>{entry.userId}</td>
                <td class="number">{count(entry.quantity)}</td>
                <td class="number">
                  {entry.offerExpiresAt === undefined ? (
                    entry.position
                  ) : (
                    <>
                      offer until <Time at={entry.offerExpiresAt} isShort />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
