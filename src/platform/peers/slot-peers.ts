import { randomUUID } from 'node:crypto';
import type { Clock, Instant } from '../../common/clock.js';
import { type Handler, Messenger, type Silence, type Wire } from './messenger.js';
import { Peers } from './peers.js';
import type { PeersMetrics } from './peers.metrics.js';
import { assignSlots, slotOf } from './slots.js';

/** Servers that know each other's ids, each of which owns slots. A way to know them fills this in. */
export abstract class SlotPeers extends Peers {
  /**
   * Differs from that of every other server, and of this one before it was started again. Those that have run for longer
   * come first: who starts takes nothing away from an owner.
   */
  protected readonly id: string;
  private servers: readonly string[] = [];
  private owners: readonly string[] = [];
  private messenger: Messenger | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly metrics: PeersMetrics,
  ) {
    super();
    this.id = `${clock.now().toISOString()}_${randomUUID()}`;
  }

  override ownerOf(name: string): string | undefined {
    const owner = this.owners[slotOf(name)];
    return owner === this.id ? undefined : owner;
  }

  override async request(
    to: string,
    body: unknown,
    expiresAt: Instant,
    patienceMs: number,
  ): Promise<{ reply: unknown } | Silence> {
    const answer = this.messenger
      ? await this.messenger.request(to, body, expiresAt, patienceMs)
      : ('undelivered' as const);
    this.metrics.countRequest(typeof answer === 'string' ? answer : 'answered');
    return answer;
  }

  override get others(): readonly string[] {
    return this.servers.filter((id) => id !== this.id);
  }

  /** From now on this server asks and answers over a wire. */
  protected open(wire: Wire, secret: string): void {
    const handle: Handler = (body) => this.handle(body);
    this.messenger = new Messenger(this.id, secret, wire, this.clock, handle, (why) => this.metrics.countDrop(why));
  }

  /** Takes what has come on the wire. */
  protected async take(text: string): Promise<void> {
    await this.messenger?.take(text);
  }

  /** These servers own everything among them, as far as is known; without any, each server does what it is asked for. */
  protected know(servers: readonly string[]): void {
    const known = servers.toSorted();
    if (known.join() === this.servers.join()) return;
    this.servers = known;
    this.owners = assignSlots(known);
    this.metrics.showServers(known.length);
  }
}
