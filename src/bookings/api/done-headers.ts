import { replayHeaders } from '../../common/http/idempotency-key.js';
import { revisionHeader } from '../../common/http/event-revision.js';
import type { Done } from '../decide/command.js';

/** What is said of every command that was carried out: whether this is a repetition, and which state of the event has it. */
export function doneHeaders({ isReplay, revision }: Done): Record<string, string> {
  return { ...replayHeaders(isReplay), ...revisionHeader(revision) };
}
