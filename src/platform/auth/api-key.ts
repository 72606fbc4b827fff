import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

export const SCOPES = ['sell', 'operate'] as const;
/** `sell`: books, reads events, reads and cancels its own bookings. `operate`: creates events, reads everything. */
export type Scope = (typeof SCOPES)[number];

/** A key as it is stored: what its holder sends can't be made from it. */
export interface ApiKey {
  readonly id: string;
  /** The holder. A key sees the bookings of earlier keys of the same name, so a key can be replaced. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the token, as base64url. The token is random throughout, so no slow hash is needed. */
  readonly hash: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | undefined;
  readonly revokedAt: Date | undefined;
}

const SECRET_BYTES = 32;
const TOKEN = /^tb_([0-9a-f]{24})[\w-]{43}$/;

/** The token of the key with this id: its holder's only copy. */
export function createToken(id: string): string {
  return `tb_${id}${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

export function hashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** The id of the key that has this token, if any has; undefined where none can have it. */
export function keyIdOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

/** Whether it is this key's token; takes as long for a wrong one as for the right one. */
export function isTokenOf(key: ApiKey, token: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(token)), Buffer.from(key.hash));
}
