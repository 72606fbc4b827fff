import type { Judgement } from './shapes.js';

export const COLLECTIONS = ['events', 'bookings', 'movements'] as const;
export type CollectionName = (typeof COLLECTIONS)[number];

/** Where the documents of a collection go that are neither the Express API's nor this product's. */
export function asideOf(collection: CollectionName): string {
  return `${collection}_set_aside`;
}

interface Cause {
  readonly collection: CollectionName;
  readonly text: string;
  documents: number;
  readonly ids: string[];
}

const IDS_SHOWN = 20;
const ID_LENGTH_SHOWN = 60;
const CAUSES_IN_SUMMARY = 3;
/** Documents with more causes than this are counted together. */
const CAUSES_KEPT = 50;
const COMMAND = 'node dist/cli/import.js';

/** What a database holds: how many documents are whose, and why some are neither the Express API's nor this product's. */
export class Report {
  private readonly counts = {
    events: { seed: 0, own: 0, foreign: 0 },
    bookings: { seed: 0, own: 0, foreign: 0 },
    movements: { seed: 0, own: 0, foreign: 0 },
  };
  private readonly causes = new Map<string, Cause>();

  add(collection: CollectionName, id: unknown, judgement: Judgement): void {
    this.counts[collection][judgement.kind] += 1;
    if (judgement.kind !== 'foreign') return;
    const cause = this.causeOf(collection, judgement.cause);
    cause.documents += 1;
    if (cause.ids.length < IDS_SHOWN) cause.ids.push(toText(id));
  }

  get isClean(): boolean {
    return this.causes.size === 0;
  }

  /** Returns how many documents of the Express API the collection has that are not taken over yet. */
  countSeed(collection: CollectionName): number {
    return this.counts[collection].seed;
  }

  /** One sentence: what keeps the database from being taken over, and what to do. */
  summary(): string {
    const foreign = COLLECTIONS.filter((name) => this.counts[name].foreign > 0).map(
      (name) => `${this.counts[name].foreign} of ${total(this.counts[name])} documents in ${name}`,
    );
    const causes = [...this.causes.values()];
    const shown = causes.slice(0, CAUSES_IN_SUMMARY).map(({ collection, text }) => `${collection}: ${text}`);
    const more = causes.length > shown.length ? ['and more'] : [];
    return (
      `This database is not taken over, and nothing in it was changed: ${foreign.join(' and ')} are not of the Express API ` +
      `(${[...shown, ...more].join('; ')}); if they belong to another application, name another database in MONGO_URI, ` +
      `else see them with \`${COMMAND} --dry-run\`, and set them aside with \`${COMMAND} --accept-report\`.`
    );
  }

  /** All of it: a line for each collection, then each cause with its first ids. */
  toString(): string {
    const lines = COLLECTIONS.map((name) => {
      const { seed, own, foreign } = this.counts[name];
      return `${name}: of the Express API ${seed}, taken over before ${own}, others ${foreign}`;
    });
    for (const { collection, text, documents, ids } of this.causes.values()) {
      const rest = documents > ids.length ? `, and ${documents - ids.length} more` : '';
      lines.push('', `${collection}, ${documents} × ${text}:`, `  ${ids.join(', ')}${rest}`);
    }
    return lines.join('\n');
  }

  private causeOf(collection: CollectionName, wanted: string): Cause {
    const isNew = !this.causes.has(`${collection} ${wanted}`);
    const text = isNew && this.causes.size >= CAUSES_KEPT ? 'other causes' : wanted;
    const key = `${collection} ${text}`;
    const cause = this.causes.get(key) ?? { collection, text, documents: 0, ids: [] };
    this.causes.set(key, cause);
    return cause;
  }
}

function total(counts: Readonly<Record<Judgement['kind'], number>>): number {
  return counts.seed + counts.own + counts.foreign;
}

/** An ObjectId, whose JSON is its digits, is shown without quotes: a string is not. */
function toText(id: unknown): string {
  const json = JSON.stringify(id).slice(0, ID_LENGTH_SHOWN);
  return typeof id === 'string' ? json : json.replaceAll('"', '');
}
