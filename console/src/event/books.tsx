import { useEffect, useState } from 'preact/hooks';
import { Failure, get } from '../lib/api.js';
import type { Integrity } from '../lib/types.js';
import { Fault, wordsOf } from '../ui/action.js';
import { Icon } from '../ui/icons.js';
import { Card } from '../ui/parts.js';

/** Whether the counts are what the bookings add up to. */
export function Books({ eventId, isSoldOut }: { eventId: string; isSoldOut: boolean }) {
  const [result, setResult] = useState<{ readonly integrity: Integrity; readonly readAt: number } | undefined>();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const recount = async () => {
    setBusy(true);
    try {
      const integrity = await get<Integrity>(`/events/${eventId}/integrity`);
      setResult({ integrity, readAt: performance.now() });
      setFault(undefined);
    } catch (error) {
      setFault(wordsOf(error instanceof Failure ? error : new Failure(undefined)));
    }
    setBusy(false);
  };
  // And once more when the last ticket is gone.
  useEffect(() => void recount(), [eventId, isSoldOut]);
  return (
    <Card
      title="Books"
      readAt={result?.readAt}
      freshSeconds={Infinity}
      aside={
        <button type="button" class="quiet" disabled={isBusy} onClick={() => void recount()}>
          <Icon name="refresh" />
          Recount
        </button>
      }
    >
      {result ? <Verdict {...result.integrity} /> : <p class="muted">Recounting…</p>}
      <Fault text={fault} />
    </Card>
  );
}

function Verdict({ balanced, differences }: Integrity) {
  if (balanced) {
    return (
      <>
        <p class="verdict good">
          <Icon name="check" />
          Balanced
        </p>
        <p class="muted small">Bookings, holds and movements add up to the counts shown here.</p>
      </>
    );
  }
  return (
    <>
      <p class="verdict bad">
        <Icon name="alert" />
        Not balanced
      </p>
      <ul class="small">
        {differences.map(({ check, expected, found, sectionId }, index) => (
          <li key={index}>
            {check}
            {sectionId === undefined ? '' : ` (section ${sectionId})`}: {expected} expected, {found} found
          </li>
        ))}
      </ul>
    </>
  );
}
