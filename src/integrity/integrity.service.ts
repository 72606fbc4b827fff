import { Injectable } from '@nestjs/common';
import { eventNotFound } from '../events/index.js';
import { type Difference, findDifferences } from './books.js';
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

  /** What recounts of the next `limit` events after the one with this id find; empty after the last one. */
  async recountNext(afterId: string | undefined, limit: number): Promise<EventReport[]> {
    const reports: EventReport[] = [];
    for (const eventId of await this.integrity.nextEventIds(afterId, limit)) {
      // Each in a snapshot of its own: none is kept for long.
      const books = await this.integrity.inSnapshot((snapshot) => this.integrity.readBooks(snapshot, eventId));
      if (books) reports.push({ eventId, differences: findDifferences(books) });
    }
    return reports;
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
