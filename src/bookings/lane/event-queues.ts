export interface Waiting {
  readonly eventId: string;
  /** Its place in the order of arrival, or before all of those; it keeps it when it waits again. */
  readonly arrival: number;
}

/** The waiting members: first come, first served for each event; the events take turns. */
export class EventQueues<Member extends Waiting> {
  /** Each queue in the order of arrival; the events in the order of their turns. */
  private readonly queues = new Map<string, Member[]>();
  private count = 0;

  /** How many members wait. */
  get length(): number {
    return this.count;
  }

  /** How many members wait for the event. */
  lengthOf(eventId: string): number {
    return this.queues.get(eventId)?.length ?? 0;
  }

  /** The events with waiting members, by turn. */
  eventIds(): string[] {
    return [...this.queues.keys()];
  }

  /** The next member of the event. */
  first(eventId: string): Member | undefined {
    return this.queues.get(eventId)?.[0];
  }

  add(member: Member): void {
    const queue = this.queues.get(member.eventId) ?? [];
    const last = queue.at(-1);
    // A new member usually comes last; a returning one, or one that goes first, has its place before others.
    const isNew = !last || last.arrival < member.arrival;
    const place = isNew ? queue.length : queue.findIndex(({ arrival }) => arrival > member.arrival);
    queue.splice(place, 0, member);
    this.queues.set(member.eventId, queue);
    this.count += 1;
  }

  /** Takes the member out. Returns false if it does not wait. */
  remove(member: Member): boolean {
    const queue = this.queues.get(member.eventId) ?? [];
    const place = queue.indexOf(member);
    if (place < 0) return false;
    queue.splice(place, 1);
    this.count -= 1;
    if (queue.length === 0) this.queues.delete(member.eventId);
    return true;
  }

  /** Ends the event's turn: it comes last in the next round. */
  passTurn(eventId: string): void {
    const queue = this.queues.get(eventId);
    if (queue && this.queues.delete(eventId)) this.queues.set(eventId, queue);
  }
}
