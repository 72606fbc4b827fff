import { mongo } from 'mongoose';
import type { CollectionSpec } from './schema/collection-spec.js';

/**
 * A command that MongoDB will refuse however often it is sent, because of how the database is set up: an index, a
 * validator, a privilege. Its message is for the log: it names the cause, and holds no value of a document.
 */
export class DatabaseRefusal extends Error {
  /** Hidden from the log: what MongoDB says itself repeats the documents and filters of the command. */
  readonly #error: mongo.MongoServerError;

  constructor(message: string, error: mongo.MongoServerError) {
    super(message);
    this.name = 'DatabaseRefusal';
    this.#error = error;
  }

  /** Whether the collection has a document of the same id, or of the same key in a unique index that we declare. */
  isDuplicateIn({ indexes }: CollectionSpec): boolean {
    const { code, keyPattern, keyValue, collation } = this.#error;
    // Another index on the same fields may be wider than ours: it includes documents without a key, or folds case.
    if (code !== DUPLICATE_KEY || collation || Object.values(keyValue as object).includes(null)) return false;
    const own = [{ _id: 1 }, ...indexes.filter(({ unique }) => unique).map(({ keys }) => keys)];
    return own.some((keys) => JSON.stringify(keys) === JSON.stringify(keyPattern));
  }
}

/** Whether the write repeats one that has been done, by its id or by a key that we declare as unique. */
export function isDuplicateIn(spec: CollectionSpec, error: unknown): boolean {
  return error instanceof DatabaseRefusal && error.isDuplicateIn(spec);
}

const DUPLICATE_KEY = 11_000;
const NAMESPACE_AND_INDEX = /collection: [^.\s]+\.(.+?) index: (.+?) (?:collation: \{.*\} )?dup key: /;
const FORBIDDEN_COMMAND = /^not authorized on (\S+) to execute command \{ (\w+): ("[^"]*")?/;

/** Undefined where the code can mean something else, and does. */
type Sentence = (collection: string, error: mongo.MongoServerError) => string | undefined;

const byIndex: Sentence = (collection, { code }) =>
  `An index of ${collection} refuses a write (MongoDB's error ${code}): drop the one that this server did not make.`;
const byKind: Sentence = (collection) =>
  `${collection} is no plain collection any more: start this server again, and it says what to change.`;

/** By MongoDB's codes. What they have in common: this server's own collections would not answer so. */
const SENTENCES: Readonly<Record<number, Sentence>> = {
  2: (_, { message }) =>
    message.includes('hint provided')
      ? 'An index that this server needs is gone: start a server again, which makes it.'
      : undefined,
  [DUPLICATE_KEY]: (collection, { message }) => {
    const [, found = collection, index = 'unknown'] = NAMESPACE_AND_INDEX.exec(message) ?? [];
    return `The unique index "${index}" of ${found} refuses a write: drop it, unless this server made it.`;
  },
  13: (_, { message }) => {
    const [, database, command, collection] = FORBIDDEN_COMMAND.exec(message) ?? [];
    if (!database) return 'MongoDB asks for a user and a password, and MONGO_URI names none: add them to it.';
    const action = message.includes('$changeStream') ? 'changeStream' : command;
    const what = [action, collection].filter(Boolean).join(' on ');
    return `The MongoDB user lacks the privilege for ${what}: grant it readWrite on the database "${database}".`;
  },
  18: () => 'MongoDB refuses the user or the password (or their authSource) in MONGO_URI: correct them.',
  121: (collection) =>
    `The validator of ${collection} refuses a write: remove it with collMod, unless this server made it, and start again.`,
  166: byKind,
  171: byIndex,
  263: byKind,
  10003: byKind,
  16755: byIndex,
  16766: byIndex,
  17261: byIndex,
  17262: byIndex,
};

/** The refusal that `error` stands for; undefined for any other error. `collection` is what the command was about. */
export function toRefusal(error: unknown, collection = 'a collection'): DatabaseRefusal | undefined {
  if (error instanceof DatabaseRefusal) return error;
  if (!(error instanceof mongo.MongoServerError)) return undefined;
  const sentence = SENTENCES[Number(error.code)]?.(collection, error);
  return sentence === undefined ? undefined : new DatabaseRefusal(sentence, error);
}
