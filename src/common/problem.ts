/** One invalid member of a request, as a JSON Pointer in a URI fragment. */
export interface ProblemDetail {
  readonly pointer: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly status: number;
  /** For programs; never changes. */
  readonly code: string;
  /** The same for every problem of this code. */
  readonly title: string;
  /** A sentence for people. */
  readonly message: string;
  /** What is particular about this one; the message where it is left out. */
  readonly detail?: string;
  readonly errors?: readonly ProblemDetail[];
  /** Whole seconds after which the caller may try again. */
  readonly retryAfterSeconds?: number;
}

/** A failure that the caller is told about: RFC 9457's problem details, with the seed's `success` and `message`. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ProblemDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  /** `options` is plain data: it may cross a process, and become the same problem there. */
  constructor(readonly options: ProblemOptions) {
    super(options.message);
    this.name = 'Problem';
    this.status = options.status;
    this.code = options.code;
    this.title = options.title;
    this.detail = options.detail ?? options.message;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The response's body, for the request at `instance` (a path) known as `requestId`, and in traces as `traceId`. */
  toBody(instance: string, requestId: string, traceId?: string): Record<string, unknown> {
    return {
      type: `urn:ticket-booking:problem:${this.code}`,
      title: this.title,
      status: this.status,
      detail: this.detail,
      instance,
      code: this.code,
      requestId,
      ...(traceId !== undefined && { traceId }),
      ...(this.errors && { errors: this.errors }),
      success: false,
      message: this.message,
    };
  }
}

const RETRY_AFTER_MAX_SECONDS = 3;

/** 1 to 3 seconds at random, so that the callers turned away together do not come back together. */
export function jitteredRetryAfterSeconds(): number {
  return 1 + Math.floor(Math.random() * RETRY_AFTER_MAX_SECONDS);
}

/** A body of thousands of mistakes is not answered with a larger one. */
const ERRORS_MAX = 20;

/** 400 for input that breaks the contract; `errors` says where, up to 20 times. */
export function invalidInput(all: readonly ProblemDetail[]): Problem {
  const errors = all.slice(0, ERRORS_MAX);
  return new Problem({
    status: 400,
    code: 'validation_failed',
    title: 'Invalid request',
    message: errors.map((error) => error.message).join('; ') || 'The request is invalid',
    detail: 'The request breaks the contract in the places listed in errors; nothing was changed.',
    errors,
  });
}

/** 400 for a body that is no JSON object at all. */
export function malformedBody(message: string): Problem {
  return new Problem({ status: 400, code: 'malformed_body', title: 'Malformed body', message });
}
