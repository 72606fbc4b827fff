import type { EmbeddedMongo } from './embedded-mongo.js';
import type { Migration } from './migrations.js';
import type { CollectionSpec } from './schema/collection-spec.js';

export const DATABASE_OPTIONS = Symbol('DATABASE_OPTIONS');

export interface DatabaseOptions {
  /** A replica set; the embedded MongoDB where it is undefined. */
  readonly mongoUri: string | undefined;
  readonly embedded: EmbeddedMongo;
  /** All that this product stores. */
  readonly collections: readonly CollectionSpec[];
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
  /** What earlier releases have recorded as done, and this one has no more use for. */
  readonly retiredMigrations: readonly string[];
  /** In their order; the last one is this. */
  readonly releases: readonly [Release, ...Release[]];
  /** `done`: the operator says that no server of an earlier release runs. */
  readonly upgrade: 'auto' | 'done';
}

/** Changes when a server of the release before would misread what this one stores. */
export interface Release {
  readonly number: number;
  /** Is recorded when all servers are of this release: earlier ones then refuse to start. */
  readonly migration: string;
}

/** The release that runs here. */
export function thisRelease({ releases }: Pick<DatabaseOptions, 'releases'>): Release {
  return releases.at(-1) ?? releases[0];
}
