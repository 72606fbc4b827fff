/** What a worker tells the primary. */
export type FromWorker =
  | { readonly kind: 'serving' }
  /** It may own events from now on. */
  | { readonly kind: 'joining'; readonly id: string }
  /** It is going away, and is to own nothing any more. */
  | { readonly kind: 'leaving'; readonly id: string }
  | { readonly kind: 'text'; readonly number: number; readonly to: string; readonly text: string }
  | { readonly kind: 'metrics'; readonly number: number };

/** What the primary tells a worker. */
export type ToWorker =
  /** The ids of those that own everything among them. */
  | { readonly kind: 'servers'; readonly ids: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  /** Whether the text of this number is on its way to somebody. */
  | { readonly kind: 'sent'; readonly number: number; readonly isThere: boolean }
  | { readonly kind: 'metrics'; readonly number: number; readonly text: string };
