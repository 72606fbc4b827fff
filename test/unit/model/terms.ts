import type { Event, EventStatus } from '../../../src/events/event.js';
import type { EventPatch } from '../../../src/event-edits/decide/event-patch.js';

/** What an organiser wants of an event. */
export interface Edit {
  /** The version that the organiser has seen; undefined for any. */
  readonly version: number | undefined;
  readonly patch: EventPatch;
}

/** How much of an event is taken. */
export interface Uses {
  /** How many tickets of the pool are held and sold. */
  inUse(sectionId: string | undefined): number;
  /** Whether a ticket of the section, or of the event, was ever held or sold. */
  wasUsed(sectionId: string | undefined): boolean;
}

/** What the organiser has made of an event, as plainly as the model's books. */
export class Terms {
  status: EventStatus;
  isDeleted = false;
  private edits = 0;
  private wanted: number | undefined;
  private capacities: ReadonlyMap<string | undefined, number>;

  constructor(private readonly event: Event) {
    this.status = event.status;
    this.wanted = event.maxTicketsPerUser;
    const { sections, totalTickets } = event;
    this.capacities = new Map(
      sections.length > 0 ? sections.map(({ id, capacity }) => [id, capacity]) : [[undefined, totalTickets]],
    );
  }

  /** How many tickets a user may have. */
  get limit(): number {
    return this.wanted ?? Infinity;
  }

  get version(): number {
    return this.event.version + this.edits;
  }

  get pools(): (string | undefined)[] {
    return [...this.capacities.keys()];
  }

  hasPool(sectionId: string | undefined): boolean {
    return this.capacities.has(sectionId);
  }

  capacityOf(sectionId: string | undefined): number {
    return this.capacities.get(sectionId) ?? 0;
  }

  /** All that is true to answer: `granted`, or the reason to refuse. */
  answersTo({ version, patch }: Edit, uses: Uses): string[] {
    if (this.isDeleted) return ['event_not_found'];
    if (version !== undefined && version !== this.version) return [`precondition_failed ${this.version}`];
    if (this.status === 'cancelled' && (patch.status ?? 'cancelled') !== 'cancelled') return ['wrong_state'];
    for (const { id, isNew, remove } of patch.sections ?? []) {
      if (!isNew && !this.hasPool(id)) return ['section_not_found'];
      if (remove && uses.wasUsed(id)) return ['section_in_use'];
    }
    const after = this.capacitiesAfter(patch);
    if ([...after].some(([id, capacity]) => capacity < uses.inUse(id))) return ['capacity_in_use'];
    return [after.size > 0 ? 'granted' : 'validation_failed'];
  }

  answersToDelete(uses: Uses): string[] {
    if (this.isDeleted) return ['event_not_found'];
    return [uses.wasUsed(undefined) ? 'event_in_use' : 'granted'];
  }

  edit({ patch }: Edit): void {
    this.edits += 1;
    this.status = patch.status ?? this.status;
    this.capacities = this.capacitiesAfter(patch);
    if (patch.maxTicketsPerUser !== undefined) this.wanted = patch.maxTicketsPerUser ?? undefined;
  }

  /** Whether the event of the product is on these terms. */
  areThoseOf({ status, version, maxTicketsPerUser, sections, totalTickets }: Event): boolean {
    const pools = sections.length > 0 ? sections : [{ id: undefined, capacity: totalTickets }];
    return (
      status === this.status &&
      version === this.version &&
      maxTicketsPerUser === this.wanted &&
      pools.length === this.capacities.size &&
      pools.every(({ id, capacity }) => this.capacities.get(id) === capacity)
    );
  }

  private capacitiesAfter({ totalTickets, sections = [] }: EventPatch): Map<string | undefined, number> {
    const after = new Map(this.capacities);
    if (totalTickets !== undefined) after.set(undefined, totalTickets);
    for (const { id, remove, capacity = this.capacityOf(id) } of sections) {
      if (remove) after.delete(id);
      else after.set(id, capacity);
    }
    return after;
  }
}

/** Whether the event is as the edit wants it, whoever has made it so. */
export function isAsWanted(event: Event, { version, patch }: Edit): boolean {
  const { status = event.status, totalTickets = event.totalTickets, sections = [], maxTicketsPerUser } = patch;
  return (
    (version === undefined || version === event.version) &&
    status === event.status &&
    totalTickets === event.totalTickets &&
    (maxTicketsPerUser === undefined || (maxTicketsPerUser ?? undefined) === event.maxTicketsPerUser) &&
    sections.every(({ id, remove, capacity }) => {
      return !remove && event.sections.some((section) => section.id === id && section.capacity === capacity);
    })
  );
}
