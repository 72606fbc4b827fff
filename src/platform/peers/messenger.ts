import type { Clock, Instant } from '../../common/clock.js';
import { decode, encode } from './codec.js';
import { seal, unseal } from './seal.js';

/** What brings texts from one server to another. It may lose, delay, double and change them. */
export interface Wire {
  /** Returns false where nobody has got the text, for certain. */
  send(to: string, text: string): Promise<boolean>;
}

/** What one server tells another. */
interface Message {
  readonly kind: 'request' | 'reply';
  readonly from: string;
  readonly to: string;
  /** Of the request. Each that a server sends to another has a higher one. */
  readonly number: number;
  /** From this moment on nobody takes it. */
  readonly expiresAt: Instant;
  readonly body: unknown;
}

/** Why nothing came back: nobody has got the request, for certain; or that is not known. */
export type Silence = 'undelivered' | 'unanswered';
/** Why a text was not taken. */
export const DROPS = ['forged', 'foreign', 'expired', 'repeated', 'unexpected'] as const;
export type Drop = (typeof DROPS)[number];

/** Answers a request of another server. */
export type Handler = (body: unknown) => Promise<unknown>;

/**
 * Asks other servers, and answers them. A message is taken once, by the server that it was sent to, before it expires; what
 * was not signed with the servers' secret is dropped.
 */
export class Messenger {
  private readonly pending = new Map<string, (reply: unknown) => void>();
  /** By server: the number of its latest request. */
  private readonly latest = new Map<string, number>();
  private number = 0;

  constructor(
    /** Differs from that of every other server, and of this one before it was started again. */
    readonly id: string,
    private readonly secret: string,
    private readonly wire: Wire,
    private readonly clock: Clock,
    private readonly handle: Handler,
    private readonly onDrop: (why: Drop) => void,
  ) {}

  /** Asks another server, and waits so long for its reply. */
  async request(
    to: string,
    body: unknown,
    expiresAt: Instant,
    patienceMs: number,
  ): Promise<{ reply: unknown } | Silence> {
    const number = ++this.number;
    const name = nameOf(to, number);
    let takeBack = () => {};
    const answered = new Promise<{ reply: unknown } | Silence>((resolve) => {
      this.pending.set(name, (reply) => resolve({ reply }));
      takeBack = this.clock.after(patienceMs, () => resolve('unanswered'));
    });
    const isDelivered = this.trySend({ kind: 'request', from: this.id, to, number, expiresAt, body });
    const undelivered = isDelivered.then((isThere): Promise<{ reply: unknown } | Silence> | Silence =>
      isThere ? answered : 'undelivered',
    );
    try {
      return await Promise.race([answered, undelivered]);
    } finally {
      takeBack();
      this.pending.delete(name);
    }
  }

  /** Takes what has come on the wire. */
  async take(text: string): Promise<void> {
    const message = this.read(text);
    if (typeof message === 'string') this.onDrop(message);
    else if (message.kind === 'reply') this.takeReply(message);
    else if ((this.latest.get(message.from) ?? 0) >= message.number) this.onDrop('repeated');
    else await this.takeRequest(message);
  }

  private takeReply({ from, number, body }: Message): void {
    const settle = this.pending.get(nameOf(from, number));
    if (settle) settle(body);
    else this.onDrop('unexpected');
  }

  private async takeRequest({ from, number, expiresAt, body }: Message): Promise<void> {
    this.latest.set(from, number);
    const reply = await this.handle(body);
    await this.trySend({ kind: 'reply', from: this.id, to: from, number, expiresAt, body: reply });
  }

  private read(text: string): Message | Drop {
    const content = unseal(this.secret, text);
    if (content === undefined) return 'forged';
    const message = decode(content) as Message;
    if (message.to !== this.id) return 'foreign';
    const isOver = message.kind === 'request' && this.clock.now().getTime() >= message.expiresAt;
    return isOver ? 'expired' : message;
  }

  /** Returns false where nobody has got it, for certain. */
  private trySend(message: Message): Promise<boolean> {
    return this.wire.send(message.to, seal(this.secret, encode(message))).catch(() => true);
  }
}

function nameOf(server: string, number: number): string {
  return `${number} ${server}`;
}
