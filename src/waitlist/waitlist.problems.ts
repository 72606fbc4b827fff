import { Problem } from '../common/problem.js';
import type { EntryStatus } from './entry-states.js';

export function entryNotFound(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'waitlist_entry_not_found',
    title: 'Waitlist entry not found',
    message: 'Waitlist entry not found',
    detail: `The event has no waitlist entry ${id}.`,
  });
}

export function ticketsAvailable(available: number): Problem {
  return new Problem({
    status: 409,
    code: 'tickets_available',
    title: 'Tickets available',
    message: 'Nobody has to wait for these tickets',
    detail: `${available} tickets are available: book or hold them.`,
  });
}

export function wrongEntryState(from: EntryStatus, to: EntryStatus): Problem {
  return new Problem({
    status: 409,
    code: 'wrong_state',
    title: 'Wrong state',
    message: `A waitlist entry that is ${from} can not become ${to}`,
  });
}
