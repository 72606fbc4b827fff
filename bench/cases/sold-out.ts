import type { Case } from '../bench.js';
import { type Contender, post } from '../contenders/contender.js';
import { compare } from '../measure.js';
import { writesSince } from './writes.js';

const TICKETS = 5;
const connections = 100;

/** Everybody still asks for an event that is sold out. */
export const soldOut: Case = async (bench, name) => {
  const contenders = await bench.fleet.get(['product', 'no-op']);
  const written: { writes: number; documents: number }[] = [];
  const entrants = contenders.map((contender) =>
    contender.name === 'product'
      ? {
          contender,
          load: { connections, expected: 409 as const },
          events: { count: 1, totalTickets: TICKETS },
          prepare: (eventIds: readonly string[]) => sellOut(contender, eventIds),
          around: async () => {
            const count = await writesSince(bench.mongo.client);
            return async () => void written.push(await count());
          },
        }
      : { contender, load: { connections }, events: { count: 1 } },
  );
  const comparison = await compare(bench, 'a sold-out storm, 100 connections', entrants);
  const writes = written.reduce((sum, count) => sum + count.writes, 0);
  const documents = written.reduce((sum, count) => sum + count.documents, 0);
  const counted = `${writes} entries in the oplog, ${documents} documents written by the server's own count`;
  return {
    name,
    comparisons: [comparison],
    facts: { writes },
    notes: [`The storms on the product left ${counted}.`],
  };
};

async function sellOut({ urls }: Contender, eventIds: readonly string[]): Promise<void> {
  for (const eventId of eventIds) {
    for (let ticket = 0; ticket < TICKETS; ticket++) {
      const { status } = await post(`${urls[0]}/book`, { eventId, userId: 'early' });
      if (status !== 201) throw new Error(`a ticket of a new event was not sold: ${status}`);
    }
  }
}
