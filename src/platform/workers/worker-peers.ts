import type { Clock } from '../../common/clock.js';
import { type PeersMetrics, SlotPeers } from '../peers/index.js';
import type { Worker } from './worker.js';

/** Between workers of one primary nobody else can say anything. */
const SECRET = '';

/** The other workers of this machine, as the primary tells of them. */
export class WorkerPeers extends SlotPeers {
  constructor(
    private readonly worker: Worker,
    clock: Clock,
    metrics: PeersMetrics,
  ) {
    super(clock, metrics);
  }

  override join(): Promise<void> {
    this.open(this.worker, SECRET);
    this.worker.join(
      this.id,
      (ids) => this.know(ids),
      (text) => void this.take(text),
    );
    return Promise.resolve();
  }

  override leave(): void {
    this.worker.leave(this.id);
  }
}
