import type { TestingModuleBuilder } from '@nestjs/testing';
import { Clock } from '../../src/common/clock.js';
import { Alone, Messenger, Peers } from '../../src/platform/peers/index.js';
import type { Control } from './race.js';
import type { AppOptions } from './start-app.js';

/** A wire in memory between instances of this process. What goes to a silent one is kept until it is not. */
export class Hub {
  private readonly members: ConnectedPeers[] = [];
  private readonly silent = new Map<string, (() => void)[]>();

  /** The product as a member; the first that was started owns everything. */
  readonly override = (builder: TestingModuleBuilder) =>
    builder.overrideProvider(Peers).useFactory({ inject: [Clock], factory: (clock: Clock) => this.admit(clock) });

  get ids(): readonly string[] {
    return this.members.map(({ id }) => id);
  }

  get owner(): string | undefined {
    return this.members[0]?.id;
  }

  /** Nothing reaches the owner, until `wake`. */
  silence(): void {
    this.silent.set(this.owner!, []);
  }

  wake(): void {
    const kept = this.silent.get(this.owner!) ?? [];
    this.silent.delete(this.owner!);
    for (const deliver of kept) deliver();
  }

  send(to: string, text: string): Promise<boolean> {
    const member = this.members.find(({ id }) => id === to);
    const deliver = () => void member?.messenger.take(text);
    const kept = this.silent.get(to);
    if (kept) kept.push(deliver);
    else setImmediate(deliver);
    return Promise.resolve(member !== undefined);
  }

  private admit(clock: Clock): ConnectedPeers {
    const member = new ConnectedPeers(`member ${this.members.length}`, this, clock);
    this.members.push(member);
    return member;
  }
}

class ConnectedPeers extends Peers {
  readonly messenger: Messenger;

  constructor(
    readonly id: string,
    private readonly hub: Hub,
    clock: Clock,
  ) {
    super();
    const handle = (body: unknown) => this.handle(body);
    this.messenger = new Messenger(id, 'secret', hub, clock, handle, () => undefined);
  }

  ownerOf(): string | undefined {
    return this.hub.owner === this.id ? undefined : this.hub.owner;
  }

  request(...args: Parameters<Peers['request']>): ReturnType<Peers['request']> {
    return this.messenger.request(...args);
  }

  get others(): readonly string[] {
    return this.hub.ids.filter((id) => id !== this.id);
  }
}

/** Options for instances that know each other, by a hub of their own. */
export function connected(): AppOptions & { readonly hub: Hub } {
  const hub = new Hub();
  return { hub, override: hub.override };
}

/** Every server takes itself for the owner. */
export const OWNER: Control = {
  without: 'an owner',
  override: (builder) => builder.overrideProvider(Peers).useClass(Alone),
};
