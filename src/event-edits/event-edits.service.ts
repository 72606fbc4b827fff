import { Injectable } from '@nestjs/common';
import { BookingsService } from '../bookings/index.js';
import { Clock } from '../common/clock.js';
import { RELEASES } from '../common/releases.js';
import type { HasDisconnected } from '../common/trace.js';
import { DueTickets, type Event } from '../events/index.js';
import type { Caller } from '../platform/auth/index.js';
import { Upgrade } from '../platform/database/index.js';
import type { DeleteEventCommand } from './decide/delete-event.js';
import type { EditEventCommand } from './decide/edit-event.js';
import type { EventPatch } from './decide/event-patch.js';
import { EventEditsRepository } from './store/event-edits.repository.js';

/** Changes what events are. Every change is a command of the engine: all methods throw as `BookingsService.submit` does. */
@Injectable()
export class EventEditsService {
  constructor(
    private readonly engine: BookingsService,
    private readonly edits: EventEditsRepository,
    private readonly dueTickets: DueTickets,
    private readonly clock: Clock,
    private readonly upgrade: Upgrade,
  ) {}

  nextId(): string {
    return this.edits.nextId();
  }

  /**
   * Edits the event, if it has one of these versions; undefined for any. Returns it as it is then. Throws
   * `upgrade_in_progress` too.
   */
  async edit(
    eventId: string,
    patch: EventPatch,
    versions: readonly number[] | undefined,
    caller: Caller,
    hasDisconnected: HasDisconnected,
  ): Promise<Event> {
    const command: EditEventCommand = { kind: 'editEvent', ...this.begin(eventId, caller), patch, versions };
    const { result } = await this.engine.submit<Event>(command, hasDisconnected);
    // Its holds are given back beside the request: there may be many.
    if (result.status === 'cancelled') this.dueTickets.start([result.id]);
    return result;
  }

  /** Deletes an event that nobody has ever booked or held. Throws `upgrade_in_progress` too. */
  async delete(eventId: string, caller: Caller, hasDisconnected: HasDisconnected): Promise<void> {
    const command: DeleteEventCommand = { kind: 'deleteEvent', ...this.begin(eventId, caller) };
    await this.engine.submit<null>(command, hasDisconnected);
  }

  private begin(eventId: string, { key }: Caller) {
    this.upgrade.assertDone(RELEASES.holds);
    const at = this.clock.now().getTime();
    return { eventId: eventId.toLowerCase(), editId: this.edits.nextId(), by: key?.name, at };
  }
}
