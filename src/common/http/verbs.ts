interface Verb {
  /** Whether a request with it may change something. */
  readonly writes: boolean;
  /** Whether a request with it may have a body, which is read before anything is done. */
  readonly hasBody: boolean;
}

/** The HTTP methods that routes may have. The one place to add one: a route with any other refuses the start. */
export const VERBS: ReadonlyMap<string, Verb> = new Map([
  ['GET', { writes: false, hasBody: false }],
  ['HEAD', { writes: false, hasBody: false }],
  ['POST', { writes: true, hasBody: true }],
  ['PATCH', { writes: true, hasBody: true }],
  ['DELETE', { writes: true, hasBody: false }],
]);
