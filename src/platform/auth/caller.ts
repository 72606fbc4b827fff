import type { ApiKey, Scope } from './api-key.js';

/** Who has sent a request, as far as we can tell. */
export interface Caller {
  /** Undefined for anybody, where the API is open. */
  readonly key: ApiKey | undefined;
  /** The keys whose bookings it sees, by id: its own and the earlier ones of its name; undefined for everybody's. */
  readonly sees: ReadonlySet<string> | undefined;
}

/** Who sends no key, where none is asked for. */
export const ANYBODY: Caller = { key: undefined, sees: undefined };

/** The holders of all the keys there are, by the id of the key. */
export function holdersOf(keys: readonly ApiKey[]): Map<string, Caller> {
  const byName = new Map<string, ApiKey[]>();
  for (const key of keys) byName.set(key.name, [...(byName.get(key.name) ?? []), key]);
  return new Map(keys.map((key) => [key.id, holderOf(key, byName.get(key.name) ?? [])]));
}

function holderOf(key: ApiKey, ofItsName: readonly ApiKey[]): Caller {
  if (key.scopes.includes('operate')) return { key, sees: undefined };
  const earlier = ofItsName.filter((other) => other.createdAt < key.createdAt);
  return { key, sees: new Set([key.id, ...earlier.map(({ id }) => id)]) };
}

/** True where one of the scopes is among the caller's, or none is asked for. */
export function mayCall({ key }: Caller, scopes: readonly Scope[]): boolean {
  return key === undefined || scopes.some((scope) => key.scopes.includes(scope));
}

/** Whether the caller may know of what was made with the key of this id. */
export function maySee({ sees }: Caller, madeWith: string | undefined): boolean {
  return sees === undefined || (madeWith !== undefined && sees.has(madeWith));
}

/**
 * The idempotency key with its caller's name, so that two callers may use the same one. A replaced key keeps its name,
 * and so its answers. No idempotency key has a blank in it.
 */
export function scopeToCaller(idempotencyKey: string | undefined, { key }: Caller): string | undefined {
  return idempotencyKey === undefined || key === undefined ? idempotencyKey : `${key.name} ${idempotencyKey}`;
}
