import type { Instant } from '../../common/clock.js';
import type { Handler, Silence } from './messenger.js';

/** The other servers, as far as this one knows them. */
export abstract class Peers {
  /** The server that owns what has this name, by its id; undefined where that is this one, or nobody. It may be wrong. */
  abstract ownerOf(name: string): string | undefined;

  /** Asks another server. After `patienceMs` no reply is waited for any more. */
  abstract request(
    to: string,
    body: unknown,
    expiresAt: Instant,
    patienceMs: number,
  ): Promise<{ reply: unknown } | Silence>;

  /** From now on `handle` answers what other servers ask. */
  abstract answer(handle: Handler): void;

  /** This server serves: others may take it for an owner. */
  join(): Promise<void> {
    return Promise.resolve();
  }

  /** It is going away: others are to take it for an owner no more. It still answers. */
  leave(): void {}
}

/** A server that knows of no other. */
export class Alone extends Peers {
  ownerOf(): undefined {
    return undefined;
  }

  request(): Promise<Silence> {
    return Promise.resolve('undelivered');
  }

  answer(): void {}
}
