import type { Bench, Case, Row, Sample } from '../bench.js';
import { type Contender, createEvents, getEvent, isBalanced } from '../contenders/contender.js';
import { Rush, type RushResult } from '../load/rush.js';
import { warmUp } from '../measure.js';
import { spreadOf } from '../support/statistics.js';

const connections = 100;
/** So long that all tickets are held before the first hold ends: the last ones to expire are all that is left to sell. */
const TICKETS_FOR_A_SECOND = 1_000;
const LIMIT_MS = 90_000;

/** A crowd holds all tickets. Half of the holds are confirmed, the others expire, and their tickets are sold again. */
export const holdRush: Case = async (bench, name) => {
  const [contender] = await bench.fleet.get(['product']);
  if (!contender) throw new Error('the product does not run');
  for (const request of ['hold', 'book'] as const) {
    await warmUp(bench, { contender, load: { connections, request }, events: { count: 1 } });
  }
  const tickets = bench.timing.rushTickets;
  const ttlSeconds = Math.ceil(tickets / TICKETS_FOR_A_SECOND);
  const [rushes, sales]: [RushResult[], RushResult[]] = [[], []];
  for (let pair = 0; pair < bench.timing.pairs; pair++) {
    rushes.push(await sellOut(bench, contender, { ttlSeconds, expiring: Math.floor(tickets / 2) }));
    sales.push(await sellOut(bench, contender, undefined));
  }
  const waits = rushes.map((rush) => rush.lastExpiryToSoldOut);
  const { median, max } = spreadOf(waits);
  return {
    name,
    comparisons: [
      {
        title: `${tickets.toLocaleString('en')} tickets to sold out, ${connections} connections`,
        rows: [toRow('a rush of holds', rushes), toRow('plain bookings', sales)],
      },
    ],
    facts: { wrong: rushes.filter(({ sold }) => sold !== tickets).length, lastExpiryToSoldOut: median },
    notes: [
      `From the end of the last hold that expired until all tickets were sold: ${median.toFixed(0)} ms (median), ` +
        `${max.toFixed(0)} ms at most.`,
    ],
  };
};

/** Sells all tickets of a new event. It is a fault if one is not sold, or sold twice. */
async function sellOut(
  bench: Bench,
  contender: Contender,
  holds: { ttlSeconds: number; expiring: number } | undefined,
): Promise<RushResult> {
  const tickets = bench.timing.rushTickets;
  const [eventId = ''] = (await createEvents(contender, { count: 1, totalTickets: tickets })) ?? [];
  const before = (await contender.countRows?.()) ?? 0;
  const url = contender.urls[0] ?? '';
  const result = await new Rush({ url, connections, eventId, tickets, holds, limitMs: LIMIT_MS }).run();
  const what = holds ? 'a rush of holds' : 'plain bookings to sold out';
  const wait = holds ? `, ${result.lastExpiryToSoldOut} ms after the last hold expired` : '';
  bench.progress(`${what}: ${result.sold} sold in ${result.seconds.toFixed(1)} s${wait}`);
  const rows = ((await contender.countRows?.()) ?? 0) - before;
  const { availableTickets, heldTickets, soldTickets } = await getEvent(contender, eventId);
  const isSoldOnce = [result.sold, rows, soldTickets].every((count) => count === tickets);
  if (!isSoldOnce || availableTickets !== 0 || heldTickets !== 0) {
    const counts = `${result.sold} acknowledged, ${rows} bookings, ${soldTickets} sold, ${heldTickets} held`;
    bench.faults.push(`${what}: ${tickets} tickets, but ${counts}, ${availableTickets} available`);
  }
  if (!(await isBalanced(contender, eventId))) bench.faults.push(`event ${eventId} does not balance`);
  return result;
}

function toRow(contender: string, results: readonly RushResult[]): Row {
  const samples = results.map(({ sold, seconds, p50, p99, others }): Sample => ({
    rate: sold / seconds,
    p50,
    p99,
    stalls: 0,
    others,
  }));
  return { contender, samples };
}
