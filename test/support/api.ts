export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What a consumer sees is not typed either.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface NewEventBody {
  readonly name?: string;
  readonly totalTickets?: number;
  readonly sections?: readonly { name: string; capacity: number; price?: { amount: number; currency: string } }[];
  readonly status?: string;
  readonly price?: { amount: number; currency: string };
  readonly maxTicketsPerUser?: number;
}

/** A REST consumer: real HTTP, no knowledge of the code. */
export class Api {
  constructor(
    readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** The same server, for the holder of an API key. */
  withKey(token: string): Api {
    return new Api(this.url, { authorization: `Bearer ${token}` });
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...this.headers, ...headers },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    // A stream has no end: only its head is looked at.
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.request('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.request('POST', path, body, headers);
  }

  /** The event, made. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async createEvent(body: NewEventBody = { totalTickets: 10 }): Promise<any> {
    const answer = await this.post('/events/create', { name: 'Concert Night', ...body });
    if (answer.status !== 201) throw new Error(`event not created: ${JSON.stringify(answer.body)}`);
    return answer.body.event;
  }

  book(eventId: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post('/book', { eventId, userId: 'user123', ...more }, headers);
  }

  hold(eventId: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post('/holds', { eventId, userId: 'user123', ...more }, headers);
  }

  /** The entry, joined to the waitlist of the event. */
  join(eventId: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/events/${eventId}/waitlist`, { userId: 'user456', ...more }, headers);
  }

  /** Books as the contract tells a caller to: a 503 is tried again until it is something else. */
  async bookUntilAnswered(
    eventId: string,
    more: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    for (;;) {
      const answer = await this.book(eventId, more, headers);
      if (answer.status !== 503 || answer.body.code === 'outcome_unknown') return answer;
      await new Promise((done) => setTimeout(done, 50 + Math.random() * 200));
    }
  }

  /** Books with a key as the contract tells a caller to: repeated until the answer is definite. */
  async bookOnce(eventId: string, key: string, more: Record<string, unknown> = {}): Promise<Answer> {
    for (;;) {
      const answer = await this.book(eventId, more, { 'idempotency-key': key });
      if (answer.status !== 503 && answer.body.code !== 'idempotency_in_progress') return answer;
      await new Promise((done) => setTimeout(done, 50 + Math.random() * 200));
    }
  }
}
