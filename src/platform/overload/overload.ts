import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../../common/clock.js';
import { sendProblem } from '../../common/http/problem.filter.js';
import { overloaded } from '../../common/overloaded.js';
import { LoadGate } from './load-gate.js';

const LIMITS = { maxInFlight: 2_500, maxDelayMs: 100, sustainedMs: 1_000 };

/** What has to answer most of all when there is too much to do. */
const ALWAYS_OPEN = /^\/(health|metrics|docs)/;

/** Turns requests away when there are too many, before anything is spent on them. */
@Injectable()
export class Overload implements OnApplicationShutdown {
  private readonly gate: LoadGate;
  private readonly shed: Counter<'reason'>;

  constructor(clock: Clock, registry: Registry) {
    const registers = [registry];
    this.gate = new LoadGate(clock, LIMITS);
    this.shed = new Counter({
      name: 'http_requests_shed_total',
      help: 'Requests that were turned away before they were read: too many under way, or the event loop is late.',
      labelNames: ['reason'],
      registers,
    });
    const { gate } = this;
    new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests that were let in and have not been answered yet.',
      registers,
      collect() {
        this.set(gate.inFlight);
      },
    });
  }

  /** Has to run before the routes are registered; what adds headers to every answer comes before it. */
  guard(server: FastifyInstance): void {
    server.after(() => server.addHook('onRequest', (request, reply, done) => this.admit(request, reply, done)));
  }

  private admit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    if (ALWAYS_OPEN.test(request.url)) return done();
    const refusal = this.gate.enter();
    if (refusal === undefined) {
      // Answered, or the client has hung up.
      reply.raw.once('close', () => this.gate.leave());
      return done();
    }
    this.shed.inc({ reason: refusal });
    sendProblem(overloaded(), request, reply);
  }

  onApplicationShutdown(): void {
    this.gate.stop();
  }
}
