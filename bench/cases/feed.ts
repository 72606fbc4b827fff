import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Case } from '../bench.js';
import { type Contender, getEvent } from '../contenders/contender.js';
import { compare, type Entrant } from '../measure.js';
import { percentile } from '../support/statistics.js';

const CONNECTIONS = 100;
const PAGE_LIMIT = 100;
/** After a page without news. */
const WAIT_MS = 5;

interface Page {
  readonly movements: readonly { readonly at: string; readonly lines: readonly { kind: string; quantity: number }[] }[];
  readonly next: number;
  readonly hasMore: boolean;
}

/** What followers have seen: how old each movement was when it came, and how many came together. */
interface Seen {
  readonly msBehind: number[];
  readonly revisions: number[];
}

/** An event is sold as fast as can be. How far behind is who follows it, and what does that cost the buyers? */
export const feed: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  const seen: Seen = { msBehind: [], revisions: [] };
  const load = { connections: CONNECTIONS };
  let eventId = '';
  const followed: Entrant = {
    contender,
    label: 'followed',
    load,
    events: { count: 1 },
    prepare: ([id = '']) => Promise.resolve(void (eventId = id)),
    around: () => Promise.resolve(follow(bench, contender, eventId, seen)),
  };
  const alone: Entrant = { contender, label: 'not followed', load, events: { count: 1 } };
  const comparison = await compare(bench, `one event, ${CONNECTIONS} connections, and its feed`, [followed, alone]);
  const [ms, msP99] = [percentile(seen.msBehind, 0.5), percentile(seen.msBehind, 0.99)];
  const [revisions, revisionsP99] = [percentile(seen.revisions, 0.5), percentile(seen.revisions, 0.99)];
  return {
    name,
    comparisons: [comparison],
    facts: { msBehind: ms, msBehindP99: msP99 },
    notes: [
      `The follower had a movement ${ms.toFixed(0)} ms after its transaction had planned it (median), ${msP99.toFixed(0)} ms (p99), ` +
        `commit included; with each page it was ${revisions} revisions behind (median), ${revisionsP99} (p99).`,
    ],
  };
};

/** Follows the event until what is returned is called, and then to its end: what it has seen has to be what was sold. */
function follow(bench: Bench, contender: Contender, eventId: string, seen: Seen): () => Promise<void> {
  let [isOver, after, sold] = [false, 0, 0];
  const run = async () => {
    for (;;) {
      const wasOver = isOver;
      const page = await readPage(contender, eventId, after);
      const now = Date.now();
      for (const { at, lines } of page.movements) {
        if (!wasOver) seen.msBehind.push(now - Date.parse(at));
        for (const { kind, quantity } of lines) if (kind === 'booked') sold += quantity;
      }
      if (!wasOver && page.movements.length > 0) seen.revisions.push(page.movements.length);
      after = page.next;
      if (page.hasMore) continue;
      if (wasOver && (await getEvent(contender, eventId)).soldTickets === sold) return;
      await sleep(WAIT_MS);
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    const inTime = await Promise.race([running.then(() => true), sleep(CAUGHT_UP_WITHIN_MS, false, { ref: false })]);
    if (!inTime)
      bench.faults.push(`event ${eventId}: its follower has seen ${sold} tickets sold, not as many as there are`);
  };
}

const CAUGHT_UP_WITHIN_MS = 30_000;

async function readPage({ urls, key }: Contender, eventId: string, after: number): Promise<Page> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const path = `/events/${eventId}/movements?after=${after}&limit=${PAGE_LIMIT}`;
  const response = await fetch(`${urls[0]}${path}`, { headers });
  // What has no answer for want of time is asked for again.
  return response.ok ? ((await response.json()) as Page) : { movements: [], next: after, hasMore: false };
}
