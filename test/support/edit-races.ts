import { EventUses } from '../../src/event-edits/store/event-uses.repository.js';
import { TicketInventoryRepository } from '../../src/events/inventory/ticket-inventory.repository.js';
import type { Answer, Api } from './api.js';
import { without } from './without.js';

/** Sends as the contract tells a caller to: a 503 is sent again, unless it may have taken effect. */
async function untilKnown(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503 || answer.body.code === 'outcome_unknown') return answer;
    await new Promise((done) => setTimeout(done, 50 + Math.random() * 200));
  }
}

export function edit(api: Api, id: string, patch: object, ifMatch = '*'): Promise<Answer> {
  return untilKnown(() => api.request('PATCH', `/events/${id}`, patch, { 'if-match': ifMatch }));
}

export function remove(api: Api, id: string): Promise<Answer> {
  return untilKnown(() => api.request('DELETE', `/events/${id}`));
}

/** Nobody looks whether an event or a section was ever used. */
export const USES = without('a look at the uses', EventUses, 'read', () => () => Promise.resolve([]));

/** Whoever plans on what a server remembers is not stopped. No count becomes negative all the same. */
export const CURRENT = without('revision and terms in the guard', TicketInventoryRepository, 'move', (move, own) => {
  const [toUpdate, record] = [own['toUpdate'].bind(own), own['record'].bind(own)];
  own['toUpdate'] = (movement) => {
    const update = toUpdate(movement);
    const { revision: _, status: _of, maxTicketsPerUser: _limit, ...filter } = update.filter;
    return { ...update, filter };
  };
  own['record'] = (tx, movements) =>
    record(
      tx,
      // Movements have a wall of their own: their unique index.
      movements.map((movement) => ({ ...movement, revision: movement.revision + Math.random() })),
    );
  return move;
});
