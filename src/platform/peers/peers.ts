import type { Instant } from '../../common/clock.js';
import type { Handler, Silence } from './messenger.js';

/** The other servers, as far as this one knows them. */
export abstract class Peers {
  private readonly handlers = new Map<string | undefined, Handler>();

  /** The server that owns what has this name, by its id; undefined where that is this one, or nobody. It may be wrong. */
  abstract ownerOf(name: string): string | undefined;

  /** Asks another server. After `patienceMs` no reply is waited for any more. */
  abstract request(
    to: string,
    body: unknown,
    expiresAt: Instant,
    patienceMs: number,
  ): Promise<{ reply: unknown } | Silence>;

  /** The ids of the other servers. */
  abstract get others(): readonly string[];

  /** From now on `handle` answers what other servers ask about this topic: requests whose body names it, or none. */
  answer(handle: Handler, topic?: string): void {
    this.handlers.set(topic, handle);
  }

  /** Answers another server: null where this one knows nothing of the topic. */
  protected handle(body: unknown): Promise<unknown> {
    const { topic } = body as { readonly topic?: string };
    return this.handlers.get(topic)?.(body) ?? Promise.resolve(null);
  }

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

  get others(): readonly string[] {
    return [];
  }
}
