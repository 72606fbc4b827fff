import type { ApiKey, Scope } from './api-key.js';

/** The sender of a request, as far as its key tells. */
export interface Caller {
  /** Undefined for anybody, where the API is open. */
  readonly key: ApiKey | undefined;
  /** The keys whose bookings it sees, by id: its own and the earlier ones of its name; undefined for everybody's. */
  readonly sees: ReadonlySet<string> | undefined;
}

/** The caller without a key, while no key is asked for. */
export const ANYBODY: Caller = { key: undefined, sees: undefined };

/** The holders of all the keys there are, by the id of the key. `keys` are in the order in which they were made. */
export function holdersOf(keys: readonly ApiKey[]): Map<string, Caller> {
  const ofName = new Map<string, readonly string[]>();
  return new Map(
    keys.map((key) => {
      const sees = [key.id, ...(ofName.get(key.name) ?? [])];
      ofName.set(key.name, sees);
      return [key.id, { key, sees: key.scopes.includes('operate') ? undefined : new Set(sees) }];
    }),
  );
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
