export interface Waiting {
  readonly eventId: string;
  /** When it came, of the monotonic clock; its place in the queue, which it keeps when it waits again. */
  readonly arrivedAt: number;
  /** Of two that came at the same moment, the one with the lower number is first. */
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
    const isNew = !last || isBefore(last, member);
    const place = isNew ? queue.length : queue.findIndex((other) => isBefore(member, other));
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

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.arrivedAt < other.arrivedAt || (one.arrivedAt === other.arrivedAt && one.arrival < other.arrival);
}
