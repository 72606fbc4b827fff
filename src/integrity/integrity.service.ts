import { Injectable } from '@nestjs/common';
import type { Progress } from '../common/progress.js';
import { type Difference, eventNotFound } from '../events/index.js';
import { findDifferences } from './recount.js';
import { IntegrityRepository, type Orphans } from './integrity.repository.js';

const PAGE = 1_000;

export interface EventReport {
  readonly eventId: string;
  readonly differences: readonly Difference[];
}

export interface DatabaseReport {
  readonly events: number;
  readonly unbalanced: readonly EventReport[];
  readonly orphans: Orphans;
}

@Injectable()
export class IntegrityService {
  constructor(private readonly integrity: IntegrityRepository) {}

  /** What a recount of one event finds, all as of one moment. Throws `event_not_found`. */
  async recount(eventId: string): Promise<EventReport> {
    const report = await this.find(eventId);
    if (!report) throw eventNotFound(eventId);
    return report;
  }

  /** Undefined where there is no such event. */
  private async find(eventId: string): Promise<EventReport | undefined> {
    const books = await this.integrity.readBooks(eventId);
    return books && { eventId: books.eventId, differences: findDifferences(books) };
  }

  /** The ids of at most `limit` events that were made before the one with this id, newest first; none before the first. */
  eventIdsBefore(beforeId: string | undefined, limit: number): Promise<string[]> {
    return this.integrity.eventIdsBefore(beforeId, limit);
  }

  /** What a recount of every event finds, each as of a moment of its own: MongoDB keeps a snapshot for minutes only. */
  async recountAll(progress?: Progress): Promise<DatabaseReport> {
    const unbalanced: EventReport[] = [];
    let events = 0;
    progress?.begin('events recounted', await this.integrity.estimateEvents());
    for await (const eventId of this.eventIds()) {
      events += 1;
      const report = await this.find(eventId);
      if (report && report.differences.length > 0) unbalanced.push(report);
      progress?.add();
    }
    progress?.begin('looking for documents of events that do not exist');
    return { events, unbalanced, orphans: await this.integrity.countOrphans() };
  }

  /** Of all events, newest first: by pages, since a cursor ends when nothing is asked of it for minutes. */
  private async *eventIds(): AsyncGenerator<string> {
    for (let before: string | undefined; ;) {
      const eventIds = await this.integrity.eventIdsBefore(before, PAGE);
      if (eventIds.length === 0) return;
      yield* eventIds;
      before = eventIds.at(-1);
    }
  }
}
