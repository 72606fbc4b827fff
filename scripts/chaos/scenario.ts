import type { Desk } from './desk.js';
import type { Workspace } from './workspace.js';

/** Breaks something, and returns once it is whole again. What is held at the desk may be part of what breaks. */
export type Fault = (desk: Desk) => Promise<void>;

/** What callers call, and what happens to it, one after the other and over again. */
export interface Stage {
  readonly urls: readonly string[];
  readonly faults: readonly Fault[];
  /** Of the database. */
  readonly uri: () => string;
}

export interface Scenario {
  readonly name: string;
  /** Whether it is part of the short form. */
  readonly isQuick: boolean;
  /** Programs without which it can't be played. */
  readonly needs?: readonly string[];
  /** Whether it needs a network of its own. */
  readonly needsNetwork?: boolean;
  /** Starts all that it needs. */
  set(workspace: Workspace, mongod: string): Promise<Stage>;
}

/** Of every server. Offers are short enough that many of them end by themselves. */
export const SETTINGS = { OFFER_SECONDS: '2' };
