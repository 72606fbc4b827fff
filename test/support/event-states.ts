import { mongo } from 'mongoose';
import type { Counts } from './mirror.js';
import { until } from './until.js';

type Fields = Record<string, unknown>;

/**
 * What the counts of an event were at each of its revisions, by MongoDB's own record of the writes: it says what each
 * write has left behind, whatever the product thinks of it.
 */
export class EventStates {
  private readonly states = new Map<number, Fields>();
  private last: Fields;

  private constructor(
    private readonly stream: mongo.ChangeStream,
    event: mongo.Document,
  ) {
    this.last = flatten(event);
    this.states.set(Number(event['revision']), this.last);
    stream.on('change', (change) => {
      if (change.operationType !== 'update') return;
      const { updatedFields = {} } = change.updateDescription;
      this.last = { ...this.last, ...flatten(updatedFields) };
      this.states.set(Number(this.last['revision']), this.last);
    });
  }

  /** Watches the event from now on. */
  static async watch(db: mongo.Db, eventId: string): Promise<EventStates> {
    const _id = new mongo.ObjectId(eventId);
    const stream = db.collection('events').watch([{ $match: { 'documentKey._id': _id } }]);
    const opened = new Promise((done) => stream.once('resumeTokenChanged', done));
    // Events come only to who listens.
    stream.on('change', () => undefined);
    await opened;
    const event = await db.collection('events').findOne({ _id });
    if (!event) throw new Error(`there is no event ${eventId}`);
    return new EventStates(stream, event);
  }

  /** Returns once the write that made this revision has been seen. */
  async untilSeen(revision: number): Promise<void> {
    await until(`the write of revision ${revision} is seen`, () => this.states.has(revision));
  }

  /** The counts at a revision, and those of each section in the order of the sections; undefined where none was seen. */
  at(revision: number): { readonly counts: Counts; readonly sections: readonly Counts[] } | undefined {
    const fields = this.states.get(revision);
    if (!fields) return undefined;
    const sections: Counts[] = [];
    while (`sections.${sections.length}.availableTickets` in fields) {
      sections.push(countsIn(fields, `sections.${sections.length}.`));
    }
    return { counts: countsIn(fields, ''), sections };
  }

  close(): Promise<void> {
    return this.stream.close();
  }
}

/** The numbers of a document, by their paths, as the record of a write names them. */
function flatten(value: unknown, path = ''): Fields {
  if (typeof value === 'number') return { [path]: value };
  if (typeof value !== 'object' || value === null || value instanceof mongo.ObjectId) return {};
  const parts = Object.entries(value).map(([name, member]) => flatten(member, path === '' ? name : `${path}.${name}`));
  return Object.assign({}, ...parts) as Fields;
}

function countsIn(fields: Fields, prefix: string): Counts {
  const [available, held, sold] = ['availableTickets', 'heldTickets', 'soldTickets'].map((name) =>
    Number(fields[prefix + name]),
  );
  return [available!, held!, sold!];
}
