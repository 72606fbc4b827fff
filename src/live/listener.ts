import type { Clock } from '../common/clock.js';
import type { Message } from './message.js';

/** Where a listener's messages go. */
export interface Sink {
  /** Calls `then` when the text has left the process: until then nothing more is written. */
  write(text: string, then: () => void): void;
  end(): void;
}

export interface ListenerHooks {
  /** A state is kept back because the one before it was sent a moment ago: offer the newest later. */
  late(eventId: string): void;
  sent(messages: number): void;
}

/** At most 4 a second. */
export const PACE_MS = 250;
/** Of one write. A message that is longer is written whole. */
const TEXT_MAX = 64 * 1_024;

interface Sent {
  readonly revision: number;
  /** Of the monotonic clock. */
  readonly at: number;
}

/**
 * One stream. It keeps the newest state of each event until the client takes it: a slow client skips states, and costs no
 * more memory than a fast one.
 */
export class Listener {
  private readonly pending = new Map<string, Message>();
  private readonly sent = new Map<string, Sent>();
  private sink: Sink | undefined;
  private isWriting = false;
  private isEnded = false;

  /** `seen` is the revision that the client has of the only event. */
  constructor(
    readonly eventIds: readonly string[],
    private readonly clock: Clock,
    private readonly hooks: ListenerHooks,
    private readonly seen?: number,
  ) {}

  /** Writes what is known by now, and what is offered from now on. */
  connect(sink: Sink): void {
    this.sink = sink;
    if (this.isEnded) sink.end();
    else this.flush();
  }

  /**
   * Takes a state, unless the client has it, or a newer one. What the client has seen elsewhere is only not repeated: an
   * older state may be the truth.
   */
  offer(message: Message): void {
    if (this.isEnded) return;
    const { eventId, revision } = message;
    const known = this.pending.get(eventId)?.revision ?? this.sent.get(eventId)?.revision;
    if (known === undefined && revision === this.seen) this.sent.set(eventId, { revision, at: -Infinity });
    else if (revision > (known ?? 0)) this.pending.set(eventId, message);
    this.flush();
  }

  /** Ends the stream: the client is to come back and learn why. */
  end(): void {
    this.isEnded = true;
    this.pending.clear();
    this.sink?.end();
  }

  private flush(): void {
    if (!this.sink || this.isWriting || this.pending.size === 0) return;
    const now = this.clock.monotonic();
    let text = '';
    let messages = 0;
    for (const [eventId, message] of this.pending) {
      const last = this.sent.get(eventId);
      if (last && now - last.at < PACE_MS) {
        this.hooks.late(eventId);
        continue;
      }
      this.pending.delete(eventId);
      this.sent.set(eventId, { revision: message.revision, at: now });
      text += message.text;
      messages += 1;
      if (text.length >= TEXT_MAX) break;
    }
    if (messages === 0) return;
    this.hooks.sent(messages);
    this.isWriting = true;
    this.sink.write(text, () => {
      this.isWriting = false;
      this.flush();
    });
  }
}
