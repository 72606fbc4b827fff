import type { Api } from './api.js';

export interface FeedLine {
  readonly kind: string;
  readonly quantity: number;
  readonly sectionId?: string;
  readonly bookingId?: string;
}
export interface FeedMovement {
  readonly eventId: string;
  readonly revision: number;
  readonly at: string;
  readonly lines: readonly FeedLine[];
}
export interface FeedPage {
  readonly movements: readonly FeedMovement[];
  readonly next: number;
  readonly hasMore: boolean;
}

/** Where tickets are: available, held, sold. */
export type Counts = readonly [available: number, held: number, sold: number];

/** What a ticket of each kind of line does, by code that shares nothing with the product's. */
export const EFFECTS: Readonly<Record<string, Counts>> = {
  opened: [1, 0, 0],
  added: [1, 0, 0],
  removed: [-1, 0, 0],
  imported: [-1, 0, 1],
  booked: [-1, 0, 1],
  cancelled: [1, 0, -1],
  transferred: [0, 0, 0],
  held: [-1, 1, 0],
  confirmed: [0, -1, 1],
  released: [1, -1, 0],
  expired: [1, -1, 0],
  reserved: [-1, 1, 0],
  unreserved: [1, -1, 0],
};

/** A copy of an event's counts, and of how many tickets each booking and hold has, as a shop keeps it from the feed. */
export class Mirror {
  next = 0;
  counts: Counts = [0, 0, 0];
  readonly sections = new Map<string, Counts>();
  /** Held and sold tickets together. */
  readonly tickets = new Map<string, number>();

  take({ movements, next }: FeedPage): void {
    for (const { lines } of movements) for (const line of lines) this.takeLine(line);
    this.next = next;
  }

  private takeLine({ kind, quantity, sectionId, bookingId }: FeedLine): void {
    const effect = EFFECTS[kind];
    if (!effect) throw new Error(`a line of an unknown kind: ${kind}`);
    this.counts = plus(this.counts, effect, quantity);
    if (sectionId !== undefined) {
      this.sections.set(sectionId, plus(this.sections.get(sectionId) ?? [0, 0, 0], effect, quantity));
    }
    if (bookingId === undefined) return;
    const left = (this.tickets.get(bookingId) ?? 0) + (effect[1] + effect[2]) * quantity;
    if (left === 0) this.tickets.delete(bookingId);
    else this.tickets.set(bookingId, left);
  }
}

/** A page of the feed. Throws what the server says where it is none. */
export async function readFeed(api: Api, eventId: string, after: number, limit?: number): Promise<FeedPage> {
  const { status, body } = await api.get(
    `/events/${eventId}/movements?after=${after}${limit ? `&limit=${limit}` : ''}`,
  );
  if (status !== 200) throw new Error(`no feed: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Follows until there is nothing new. */
export async function catchUp(api: Api, eventId: string, mirror: Mirror, limit?: number): Promise<void> {
  for (;;) {
    const page = await readFeed(api, eventId, mirror.next, limit);
    mirror.take(page);
    if (!page.hasMore) return;
  }
}

function plus([available, held, sold]: Counts, effect: Counts, quantity: number): Counts {
  return [available + effect[0] * quantity, held + effect[1] * quantity, sold + effect[2] * quantity];
}
