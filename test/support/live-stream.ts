import { until } from './until.js';

/** A message, as a client parses it. */
export interface LiveState {
  readonly id: number;
  readonly eventId: string;
  readonly revision: number;
  readonly availableTickets: number;
  readonly heldTickets: number;
  readonly soldTickets: number;
  readonly sections: readonly { _id: string; availableTickets: number; heldTickets: number; soldTickets: number }[];
  /** When it came, of the client's monotonic clock. */
  readonly at: number;
}

/** A client that follows availability over real HTTP. */
export class LiveStream {
  readonly states: LiveState[] = [];
  readonly comments: string[] = [];
  retryMs: number | undefined;
  hasEnded = false;
  private text = '';

  private constructor(
    readonly response: Response,
    private readonly cut: AbortController,
  ) {
    void this.read().catch(() => undefined);
  }

  /** Returns once the headers have come. Throws with the answer where it is no stream. */
  static async open(url: string, path: string, headers: Record<string, string> = {}): Promise<LiveStream> {
    const cut = new AbortController();
    const response = await fetch(url + path, { headers, signal: cut.signal });
    if (response.status !== 200) throw new Error(`no stream: ${response.status} ${await response.text()}`);
    return new LiveStream(response, cut);
  }

  static ofEvent(url: string, eventId: string, headers: Record<string, string> = {}): Promise<LiveStream> {
    return LiveStream.open(url, `/events/${eventId}/availability/stream`, headers);
  }

  get last(): LiveState | undefined {
    return this.states.at(-1);
  }

  async untilStates(count: number): Promise<void> {
    await until(`${count} states have come`, () => this.states.length >= count);
  }

  /** Waits for the state with so many sold tickets, and returns it. */
  async untilSold(soldTickets: number): Promise<LiveState> {
    await until(`a state says ${soldTickets} sold`, () => this.last?.soldTickets === soldTickets);
    return this.last!;
  }

  async untilEnded(): Promise<void> {
    await until('the stream has ended', () => this.hasEnded);
  }

  /** Hangs up. */
  close(): void {
    this.cut.abort();
  }

  private async read(): Promise<void> {
    try {
      const decoder = new TextDecoder();
      for await (const chunk of this.response.body!) this.take(decoder.decode(chunk as Uint8Array, { stream: true }));
    } finally {
      this.hasEnded = true;
    }
  }

  private take(text: string): void {
    const blocks = (this.text + text).split('\n\n');
    this.text = blocks.pop()!;
    for (const block of blocks) this.see(parseBlock(block));
  }

  private see(fields: ReadonlyMap<string, string>): void {
    const [comment, retry, data] = [fields.get(''), fields.get('retry'), fields.get('data')];
    if (comment !== undefined) this.comments.push(comment);
    if (retry !== undefined) this.retryMs = Number(retry);
    if (data === undefined) return;
    const state = JSON.parse(data) as Omit<LiveState, 'id' | 'at'>;
    this.states.push({ ...state, id: Number(fields.get('id')), at: performance.now() });
  }
}

function parseBlock(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    }),
  );
}
