import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';

/** What a collection's documents have to be, and how to recognise what earlier releases asked of them. */
export interface Validator {
  /** Raise it with every change of the rules: a server of an older release then leaves the newer rules alone. */
  readonly version: number;
  readonly rules: mongo.Document & { readonly $jsonSchema: mongo.Document };
  /** Fingerprints of the rules of releases that did not mark them. */
  readonly unmarked: readonly string[];
}

/** `current`: ours. `older`: of an earlier release, to be replaced. `newer`: of a later one. `foreign`: not ours. */
export type ValidatorOrigin = 'missing' | 'current' | 'older' | 'newer' | 'foreign';

const MARK = /^ticket-booking validator (\d+) ([0-9a-f]{16})$/;

/** The rules as they are stored: the schema's title marks them as ours, and names their version and fingerprint. */
export function toStored({ version, rules }: Validator): mongo.Document {
  const title = `ticket-booking validator ${version} ${fingerprintOf(rules)}`;
  return { ...rules, $jsonSchema: { ...rules.$jsonSchema, title } };
}

/** Tells who made the validator `stored`, which is undefined where the collection has none. */
export function originOf(stored: mongo.Document | undefined, ours: Validator): ValidatorOrigin {
  if (!stored || Object.keys(stored).length === 0) return 'missing';
  const { title, ...$jsonSchema } = (stored['$jsonSchema'] ?? {}) as mongo.Document;
  const fingerprint = fingerprintOf({ ...stored, $jsonSchema });
  if (fingerprint === fingerprintOf(ours.rules)) return 'current';
  if (ours.unmarked.includes(fingerprint)) return 'older';
  const [, version, marked] = MARK.exec(String(title)) ?? [];
  // Rules that were edited by hand keep our mark, but no longer match its fingerprint.
  if (marked !== fingerprint) return 'foreign';
  return Number(version) > ours.version ? 'newer' : 'older';
}

/** Rules are compared as text: MongoDB keeps the order of their members. */
export function fingerprintOf(rules: mongo.Document): string {
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16);
}
