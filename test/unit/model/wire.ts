import type { Wire } from '../../../src/platform/peers/index.js';

/** What happens to a text between two processes. */
export type WireFate = 'delivered' | 'lost' | 'doubled' | 'forged';

interface Sent {
  readonly to: string;
  readonly text: string;
}

/** What is on its way from one process to another. Nothing arrives before the schedule says so. */
export class SimulatedWire implements Wire {
  private readonly sent: Sent[] = [];

  constructor(private readonly receivers: ReadonlyMap<string, (text: string) => void>) {}

  get pending(): number {
    return this.sent.length;
  }

  send(to: string, text: string): Promise<boolean> {
    const isThere = this.receivers.has(to);
    if (isThere) this.sent.push({ to, text });
    return Promise.resolve(isThere);
  }

  deliver(index: number, fate: WireFate): void {
    const [message] = this.sent.splice(index % this.sent.length, 1);
    if (!message || fate === 'lost') return;
    const { to, text } = message;
    // A copy comes some time later.
    if (fate === 'doubled') this.sent.push(message);
    this.receivers.get(to)?.(
      fate === 'forged' ? text.replace('"quantity":1', '"quantity":2').replace('ann', 'bob') : text,
    );
  }
}
