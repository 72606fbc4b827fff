import { Injectable } from '@nestjs/common';
import { eventNotFound } from '../events/index.js';
import { type Difference, findDifferences } from './recount.js';
import { IntegrityRepository } from './integrity.repository.js';

export interface EventReport {
  readonly eventId: string;
  readonly differences: readonly Difference[];
}

export interface DatabaseReport {
  readonly events: number;
  readonly unbalanced: readonly EventReport[];
  /** Documents that name an event which does not exist. */
  readonly orphans: Record<'bookings' | 'movements', number>;
}

@Injectable()
export class IntegrityService {
  constructor(private readonly integrity: IntegrityRepository) {}

  /** What a recount of one event finds, all as of one moment. Throws `event_not_found`. */
  async recount(eventId: string): Promise<EventReport> {
    const books = await this.integrity.inSnapshot((snapshot) => this.integrity.readBooks(snapshot, eventId));
    if (!books) throw eventNotFound(eventId);
    return { eventId: books.eventId, differences: findDifferences(books) };
  }

  /** The ids of at most `limit` events that were made before the one with this id, newest first; none before the first. */
  eventIdsBefore(beforeId: string | undefined, limit: number): Promise<string[]> {
    return this.integrity.eventIdsBefore(beforeId, limit);
  }

  /** What a recount of every event finds, all as of one moment. */
  recountAll(): Promise<DatabaseReport> {
    return this.integrity.inSnapshot(async (snapshot) => {
      const unbalanced: EventReport[] = [];
      let events = 0;
      for await (const eventId of this.integrity.eventIds(snapshot)) {
        events += 1;
        const books = await this.integrity.readBooks(snapshot, eventId);
        const differences = books ? findDifferences(books) : [];
        if (differences.length > 0) unbalanced.push({ eventId, differences });
      }
      return { events, unbalanced, orphans: await this.integrity.countOrphans(snapshot) };
    });
  }
}
