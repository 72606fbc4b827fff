import { count, span, utc } from '../lib/format.js';
import { get } from '../lib/api.js';
import type { HoldList } from '../lib/types.js';
import { useNow } from '../lib/use-now.js';
import { usePoll } from '../lib/use-poll.js';
import { Card, Empty } from '../ui/parts.js';
import { UsersTable } from '../ui/tables.js';

const SHOWN = 8;

/** What is held, and when it comes back. */
export function Holds({ eventId, held }: { eventId: string; held: number }) {
  const path = `/holds?eventId=${eventId}&status=active&limit=100`;
  const list = usePoll((signal) => get<HoldList>(path, signal), 5_000, path);
  const now = useNow();
  const ageSeconds = list.readAt === undefined ? 0 : (now - list.readAt) / 1_000;
  const holds = [...(list.value?.holds ?? [])].sort((one, other) => one.expiresAt.localeCompare(other.expiresAt));
  const isPart = list.value?.nextCursor !== null;
  return (
    <Card title="Holds" readAt={list.readAt} aside={<span class="muted">{count(held)} tickets</span>}>
      {holds.length === 0 && <Empty>{list.failure?.message ?? (list.value ? 'Nothing is held.' : 'Reading…')}</Empty>}
      {holds.length > 0 && (
        <UsersTable last="Ends">
          {holds.slice(0, SHOWN).map((hold) => (
            <tr key={hold._id}>
              <td>{hold.userId}</td>
              <td class="number">{count(hold.quantity)}</td>
              <td class="number">
                <Ends at={hold.expiresAt} seconds={hold.expiresInSeconds - ageSeconds} />
              </td>
            </tr>
          ))}
        </UsersTable>
      )}
      {holds.length > SHOWN && (
        <p class="muted small">
          {isPart
            ? 'The first to end of the newest 100 holds.'
            : `The first ${SHOWN} of ${count(holds.length)} to end.`}
        </p>
      )}
    </Card>
  );
}

/** How long from now on: by the server's clock, whatever that of the viewer says. */
function Ends({ at, seconds }: { at: string; seconds: number }) {
  return (
    <time dateTime={at} title={utc(at)}>
      {seconds > 0 ? `in ${span(seconds)}` : 'now'}
    </time>
  );
}
