export interface Waiting {
  readonly eventId: string;
  /** Its place in the order of arrival, which it keeps when it waits again. */
  readonly arrival: number;
}

/** Who waits: first come, first served for each event, the events in turn. */
export class EventQueues<Member extends Waiting> {
  /** Each in the order of arrival; first the events whose turn it is. */
  private readonly queues = new Map<string, Member[]>();
  private count = 0;

  /** How many wait. */
  get length(): number {
    return this.count;
  }

  /** How many wait for the event. */
  lengthOf(eventId: string): number {
    return this.queues.get(eventId)?.length ?? 0;
  }

  /** The events for which somebody waits, by turn. */
  eventIds(): string[] {
    return [...this.queues.keys()];
  }

  /** Who is next of those that wait for the event. */
  first(eventId: string): Member | undefined {
    return this.queues.get(eventId)?.[0];
  }

  add(member: Member): void {
    const queue = this.queues.get(member.eventId) ?? [];
    const last = queue.at(-1);
    // Who is new comes last; who comes back was among the first.
    const isNew = !last || last.arrival < member.arrival;
    const place = isNew ? queue.length : queue.findIndex(({ arrival }) => arrival > member.arrival);
    queue.splice(place, 0, member);
    this.queues.set(member.eventId, queue);
    this.count += 1;
  }

  /** Takes the member out; false when it does not wait. */
  remove(member: Member): boolean {
    const queue = this.queues.get(member.eventId) ?? [];
    const place = queue.indexOf(member);
    if (place < 0) return false;
    queue.splice(place, 1);
    this.count -= 1;
    if (queue.length === 0) this.queues.delete(member.eventId);
    return true;
  }

  /** The event has had its turn, and comes last the next time. */
  passTurn(eventId: string): void {
    const queue = this.queues.get(eventId);
    if (queue && this.queues.delete(eventId)) this.queues.set(eventId, queue);
  }
}
