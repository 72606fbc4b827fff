import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { type Drop, DROPS, type Silence } from './messenger.js';

type Result = 'answered' | Silence;
const RESULTS: readonly Result[] = ['answered', 'undelivered', 'unanswered'];

/** What servers tell each other, for Prometheus. */
@Injectable()
export class PeersMetrics {
  private readonly requests: Counter<'result'>;
  private readonly drops: Counter<'reason'>;
  private readonly servers: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'peer_requests_total',
      help: 'What this server asked of the owner of an event: answered, undelivered (nobody has got it) or unanswered (in time).',
      labelNames: ['result'],
      registers,
    });
    for (const result of RESULTS) this.requests.inc({ result }, 0);
    this.drops = new Counter({
      name: 'peer_messages_dropped_total',
      help: 'Messages of other servers that were not taken: forged (signed by none of them), foreign, expired, repeated or unexpected (nobody waits for the reply any more).',
      labelNames: ['reason'],
      registers,
    });
    // An alert sees the first one only where there was a 0 before.
    for (const reason of DROPS) this.drops.inc({ reason }, 0);
    this.servers = new Gauge({
      name: 'peer_servers',
      help: 'Servers that share the events among them, as this one knows; 0: each server sells by itself.',
      aggregator: 'max',
      registers,
    });
  }

  countRequest(result: Result): void {
    this.requests.inc({ result });
  }

  countDrop(reason: Drop): void {
    this.drops.inc({ reason });
  }

  showServers(count: number): void {
    this.servers.set(count);
  }
}
