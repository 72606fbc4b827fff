import type { Problem } from './types.js';

const KEY = 'operate-key';
/** Before `/console`: where the API of this server stands. */
const BASE = location.pathname.replace(/\/console$/, '');
/** For how long an action is tried again. */
const INSIST_MS = 10_000;
/** The server says that it has changed nothing. */
const UNTRIED = new Set(['overloaded', 'database_unavailable', 'rate_limited']);

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

interface Call {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether a call that the server has not tried is repeated, so that an action gets through a rush. */
  readonly insists?: boolean;
}

/** What the server refused, or that it did not answer. */
export class Failure extends Error {
  constructor(
    readonly problem: Problem | undefined,
    words = 'The server did not answer. Check the result before you try again.',
  ) {
    super(problem?.detail ?? words);
  }

  get isUnanswered(): boolean {
    return this.problem === undefined;
  }
}

/** The key for this tab: it is forgotten when the tab is closed. */
export const session = {
  get key(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  },
  set key(key: string | undefined) {
    if (key === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  },
  /** Called when the server no longer takes the key. */
  onLost: (): void => undefined,
};

export function urlOf(path: string): string {
  return BASE + path;
}

export function authorization(): Record<string, string> {
  return session.key === undefined ? {} : { authorization: `Bearer ${session.key}` };
}

/** Returns the answer. Throws a Failure for every status from 400 on. */
export async function call<Body>(method: string, path: string, options: Call = {}): Promise<Answer<Body>> {
  const deadline = performance.now() + INSIST_MS;
  for (;;) {
    try {
      return await callOnce<Body>(method, path, options);
    } catch (error) {
      const isUntried = error instanceof Failure && UNTRIED.has(error.problem?.code ?? '');
      if (!isUntried || options.insists !== true || performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 300 + Math.random() * 700));
    }
  }
}

export async function get<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  const { body } = await call<Body>('GET', path, signal ? { signal } : {});
  return body;
}

async function callOnce<Body>(method: string, path: string, options: Call): Promise<Answer<Body>> {
  const { body, headers, signal } = options;
  const response = await fetch(urlOf(path), {
    method,
    headers: {
      ...authorization(),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new Failure(undefined, method === 'GET' ? 'The server does not answer.' : undefined);
  });
  if (response.status === 304 || response.status === 204) {
    return { status: response.status, body: undefined as Body, headers: response.headers };
  }
  const content = (await response.json().catch(() => undefined)) as Body | undefined;
  if (response.ok && content !== undefined)
    return { status: response.status, body: content, headers: response.headers };
  if (response.status === 401) session.onLost();
  throw new Failure(response.ok ? undefined : (content as Problem | undefined));
}

/** Saves a file of the API to the viewer's disk. */
export async function download(path: string, name: string): Promise<void> {
  const response = await fetch(urlOf(path), { headers: authorization() });
  if (!response.ok) throw new Failure((await response.json().catch(() => undefined)) as Problem | undefined);
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** A query of what is set. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(parameters).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}
