import { count, rate } from '../lib/format.js';
import type { Now } from '../lib/outcomes.js';
import type { SalesBucket } from '../lib/types.js';
import type { SalesOverTime } from '../lib/use-sales.js';
import { Card } from '../ui/parts.js';

type Kind = 'held' | 'confirmed' | 'expired' | 'released' | 'booked' | 'cancelled';
const STEPS: readonly (readonly [Kind, string])[] = [
  ['held', 'Held'],
  ['confirmed', 'Confirmed'],
  ['expired', 'Expired'],
  ['released', 'Released'],
  ['booked', 'Booked at once'],
  ['cancelled', 'Cancelled'],
];
const NOW_SECONDS = 10;

/** From a request to a ticket: since the start, and now. */
export function Funnel({ sales, now }: { sales: SalesOverTime; now: Now | undefined }) {
  const sum = (kind: Kind) => (sales.whole ?? []).reduce((total, bucket) => total + bucket[kind], 0);
  const most = Math.max(1, ...STEPS.map(([kind]) => sum(kind)));
  return (
    <Card title="From request to ticket" readAt={sales.readAt}>
      <table class="funnel">
        <thead>
          <tr>
            <th scope="col">Tickets</th>
            <th scope="col" class="number">
              Since the start
            </th>
            <th scope="col" class="number">
              Now
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Requests</th>
            <td class="number muted">–</td>
            <td class="number">{now ? `${rate(now.requested)}/s` : '–'}</td>
          </tr>
          {STEPS.map(([kind, label]) => (
            <tr key={kind}>
              <th scope="row">
                {label}
                <svg class="capacity" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                  <rect class={kind} width={(100 * sum(kind)) / most} height="1" />
                </svg>
              </th>
              <td class="number">{sales.whole ? count(sum(kind)) : '–'}</td>
              <td class="number">{rate(rateOf(sales.recent, kind))}/s</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function rateOf(recent: readonly SalesBucket[], kind: Kind): number {
  const part = recent.slice(-NOW_SECONDS);
  return part.length === 0 ? 0 : part.reduce((sum, bucket) => sum + bucket[kind], 0) / part.length;
}
