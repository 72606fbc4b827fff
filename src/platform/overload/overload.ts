import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../../common/clock.js';
import { RecentCount } from '../../common/recent.js';
import { pathOf } from '../../common/http/path.js';
import { requestIdOf } from '../../common/http/request-id.js';
import { VERBS } from '../../common/http/verbs.js';
import { overloaded } from '../../common/overloaded.js';
import { jitteredRetryAfterSeconds } from '../../common/problem.js';
import { corsHeaders, type CorsOptions } from '../http/index.js';
import { seriesOf } from '../metrics/index.js';
import { LoadGate } from './load-gate.js';

/** What must answer also under overload, with all that is below. It costs little, and helps to end the overload. */
const ALWAYS_OPEN = ['/health', '/metrics', '/operations', '/console'];

/** How many requests may wait behind one another on a connection: their answers are kept until they can be sent. */
const MAX_PIPELINED = 16;

const REASONS = ['in_flight', 'delay', 'pipelined'] as const;

/** Refuses requests when there are too many, before any work is done for them. */
@Injectable()
export class Overload implements OnApplicationShutdown {
  private readonly shedFor;
  private readonly recent: RecentCount;
  /** What ends the visits of a connection: of requests that wait behind one another, only the first hears that it is gone. */
  private readonly visits = new WeakMap<Socket, Set<() => void>>();
  private readonly leaves = new WeakMap<ServerResponse, () => void>();

  constructor(
    private readonly gate: LoadGate,
    clock: Clock,
    registry: Registry,
  ) {
    this.recent = new RecentCount(clock);
    const registers = [registry];
    this.shedFor = seriesOf(
      new Counter({
        name: 'http_requests_shed_total',
        help: 'Requests that were turned away before they were read: too many under way or on one connection, or the event loop is late.',
        labelNames: ['reason'],
        registers,
      }),
    );
    // From the start: a rate can't be told of what appears with its first burst.
    for (const reason of REASONS) this.shedFor(reason).inc(0);
    new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests that were let in and have not been answered yet.',
      registers,
      collect() {
        this.set(gate.inFlight);
      },
    });
  }

  /** How the gate stands, and how many requests it has refused in the last seconds. */
  get state(): { readonly inFlight: number; readonly isOverloaded: boolean; readonly recentlyShed: number } {
    const { inFlight, isOverloaded } = this.gate;
    return { inFlight, isOverloaded, recentlyShed: this.recent.total };
  }

  /** Puts the gate in front of the server's request handler: a refusal there costs a tenth of one behind the framework. */
  guard(server: Server, basePath: string, cors: CorsOptions): void {
    const alwaysOpen = new Set(ALWAYS_OPEN.map((path) => basePath + path));
    const [handle, ...others] = server.listeners('request') as RequestListener[];
    if (!handle || others.length > 0) throw new Error('the gate stands in front of one handler');
    server.removeListener('request', handle);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'OPTIONS' || alwaysOpen.has(topOf(pathOf(request.url ?? ''), basePath)))
        return handle(request, response);
      const visits = this.visitsOf(request.socket);
      const refusal = visits.size < MAX_PIPELINED ? this.gate.refusal() : 'pipelined';
      if (refusal !== undefined) {
        this.shedFor(refusal).inc();
        this.recent.add();
        return refuse(request, response, cors);
      }
      this.follow(request, response, visits);
      handle(request, response);
    });
  }

  /** Counts the request of this answer no longer: the answer has begun and goes on for as long as the client likes. */
  release(response: ServerResponse): void {
    this.leaves.get(response)?.();
  }

  /** Counts a request from its complete arrival to its answer: slow senders and slow readers take no place. */
  private follow(request: IncomingMessage, response: ServerResponse, visits: Set<() => void>): void {
    let isIn = false;
    let isOver = false;
    const enter = () => {
      isIn = !isOver;
      if (isIn) this.gate.enter();
    };
    const leave = () => {
      if (isIn) this.gate.leave();
      isIn = false;
      isOver = true;
    };
    visits.add(leave);
    this.leaves.set(response, leave);
    response.once('close', () => {
      visits.delete(leave);
      leave();
    });
    onceAnswered(response, leave);
    if (isWaitedFor(request)) request.once('end', enter);
    else enter();
  }

  private visitsOf(socket: Socket): Set<() => void> {
    let visits = this.visits.get(socket);
    if (!visits) {
      const all = (visits = new Set());
      this.visits.set(socket, visits);
      socket.once('close', () => {
        for (const leave of all) leave();
      });
    }
    return visits;
  }

  onApplicationShutdown(): void {
    this.gate.stop();
  }
}

/** The body of every refusal, without its two variable parts: serialising it each time would double the cost of a refusal. */
const [BEFORE_INSTANCE, BEFORE_ID, END] = JSON.stringify(overloaded().toBody('<>', '<>')).split('"<>"');

/** The path up to its first part below `basePath`. */
function topOf(path: string, basePath: string): string {
  const end = path.indexOf('/', basePath.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

/** Whether nothing is done before the request's body has come. */
function isWaitedFor({ method = '', headers }: IncomingMessage): boolean {
  const isComing = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return isComing && VERBS.get(method)?.hasBody === true;
}

/** Node says when an answer has been sent; here, when there is nothing more to do for it. */
function onceAnswered(response: ServerResponse, then: () => void): void {
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = (...args: unknown[]) => {
    then();
    return end(...args);
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, cors: CorsOptions): void {
  const { origin } = request.headers;
  const id = requestIdOf(request);
  const body = `${BEFORE_INSTANCE}${JSON.stringify(pathOf(request.url ?? ''))}${BEFORE_ID}"${id}"${END}`;
  response.writeHead(503, {
    ...(origin !== undefined && corsHeaders(cors, origin)),
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Retry-After': String(jitteredRetryAfterSeconds()),
    'X-Request-Id': id,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
