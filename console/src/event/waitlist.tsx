import { get } from '../lib/api.js';
import { count } from '../lib/format.js';
import type { EntryList } from '../lib/types.js';
import { usePoll } from '../lib/use-poll.js';
import { Card, Empty, Time } from '../ui/parts.js';
import { UsersTable } from '../ui/tables.js';

const SHOWN = 8;
const EVERY_MS = 10_000;

/** Who waits for tickets, and who has an offer. */
export function Waitlist({ eventId }: { eventId: string }) {
  const path = `/events/${eventId}/waitlist`;
  const waiting = usePoll((signal) => get<EntryList>(`${path}?status=waiting&limit=${SHOWN}`, signal), EVERY_MS, path);
  const offered = usePoll(
    (signal) => get<EntryList>(`${path}?status=offered&limit=${SHOWN}`, signal),
    EVERY_MS,
    `${path} offers`,
  );
  const entries = waiting.value?.entries ?? [];
  const offers = offered.value?.entries ?? [];
  const isPart = waiting.value?.nextCursor !== null;
  const words = entries.length === 0 ? '' : `${isPart ? 'more than ' : ''}${count(entries.length)} waiting`;
  const shown = [...offers, ...entries].slice(0, SHOWN);
  return (
    <Card title="Waitlist" readAt={waiting.readAt} aside={<span class="muted">{words}</span>}>
      {shown.length === 0 && (
        <Empty>{waiting.failure?.message ?? (waiting.value ? 'Nobody waits.' : 'Reading…')}</Empty>
      )}
      {shown.length > 0 && (
        <UsersTable last="Place">
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
        </UsersTable>
      )}
    </Card>
  );
}
