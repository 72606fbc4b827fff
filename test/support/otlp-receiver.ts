import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeMessage, type Schema } from './protobuf.js';

/** OTLP's messages, by opentelemetry/proto/{trace,common,resource}/v1. */
const ANY_VALUE: Schema = {
  1: { name: 'string', type: 'string' },
  2: { name: 'bool', type: 'bool' },
  3: { name: 'int', type: 'int' },
  4: { name: 'double', type: 'double' },
};
const KEY_VALUE: Schema = { 1: { name: 'key', type: 'string' }, 2: { name: 'value', type: () => ANY_VALUE } };
const ATTRIBUTES = { name: 'attributes', type: () => KEY_VALUE, isRepeated: true } as const;
const RESOURCE: Schema = { 1: ATTRIBUTES, 2: { name: 'droppedAttributesCount', type: 'int' } };
const SCOPE: Schema = { 1: { name: 'name', type: 'string' }, 2: { name: 'version', type: 'string' }, 3: ATTRIBUTES };
const LINK: Schema = {
  1: { name: 'traceId', type: 'bytes' },
  2: { name: 'spanId', type: 'bytes' },
  3: { name: 'traceState', type: 'string' },
  4: ATTRIBUTES,
  5: { name: 'droppedAttributesCount', type: 'int' },
  6: { name: 'flags', type: 'fixed32' },
};
const STATUS: Schema = { 2: { name: 'message', type: 'string' }, 3: { name: 'code', type: 'int' } };
const EVENT: Schema = {
  1: { name: 'time', type: 'fixed64' },
  2: { name: 'name', type: 'string' },
  3: ATTRIBUTES,
  4: { name: 'droppedAttributesCount', type: 'int' },
};
const SPAN: Schema = {
  1: { name: 'traceId', type: 'bytes' },
  2: { name: 'spanId', type: 'bytes' },
  3: { name: 'traceState', type: 'string' },
  4: { name: 'parentSpanId', type: 'bytes' },
  5: { name: 'name', type: 'string' },
  6: { name: 'kind', type: 'int' },
  7: { name: 'start', type: 'fixed64' },
  8: { name: 'end', type: 'fixed64' },
  9: ATTRIBUTES,
  10: { name: 'droppedAttributesCount', type: 'int' },
  11: { name: 'events', type: () => EVENT, isRepeated: true },
  12: { name: 'droppedEventsCount', type: 'int' },
  13: { name: 'links', type: () => LINK, isRepeated: true },
  14: { name: 'droppedLinksCount', type: 'int' },
  15: { name: 'status', type: () => STATUS },
  16: { name: 'flags', type: 'fixed32' },
};
const SCOPE_SPANS: Schema = {
  1: { name: 'scope', type: () => SCOPE },
  2: { name: 'spans', type: () => SPAN, isRepeated: true },
  3: { name: 'schemaUrl', type: 'string' },
};
const RESOURCE_SPANS: Schema = {
  1: { name: 'resource', type: () => RESOURCE },
  2: { name: 'scopeSpans', type: () => SCOPE_SPANS, isRepeated: true },
  3: { name: 'schemaUrl', type: 'string' },
};
const REQUEST: Schema = { 1: { name: 'resourceSpans', type: () => RESOURCE_SPANS, isRepeated: true } };

/** What the schema above says of it, TypeScript does not know. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Decoded = any;

export const KIND = { internal: 1, server: 2, client: 3 };
export const FAILED = 2;

type Attributes = Readonly<Record<string, string | number | boolean>>;

interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface ReceivedSpan extends ReceivedLink {
  /** Empty for a span that is the first of its trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly links: readonly ReceivedLink[];
  /** 0 where it is not set. */
  readonly status: number;
  /** Of the process that has sent it. */
  readonly resource: Attributes;
}

/** The spans of an OTLP request for traces. Throws where it breaks the protocol. */
export function readSpans(bytes: Buffer): ReceivedSpan[] {
  const { resourceSpans } = decodeMessage(bytes, REQUEST) as Decoded;
  return resourceSpans.flatMap(({ resource, scopeSpans }: Decoded) => {
    const attributes = toAttributes(resource.attributes);
    if (!attributes['service.name']) throw new Error('the resource has no service.name');
    return scopeSpans.flatMap(({ spans }: Decoded) => spans.map((span: Decoded) => toSpan(span, attributes)));
  });
}

function toSpan(span: Decoded, resource: Attributes): ReceivedSpan {
  const { parentSpanId = '', traceState = '', kind = 0, status } = span;
  checkIds(span);
  if (parentSpanId !== '' && !/^[0-9a-f]{16}$/.test(parentSpanId)) throw new Error('a parent is no span');
  if (!span.name || span.end < span.start) throw new Error('a span has no name, or ends before it begins');
  for (const what of ['Attributes', 'Events', 'Links']) {
    if (span[`dropped${what}Count`]) throw new Error(`${what} of a span were dropped`);
  }
  const links = span.links.map((link: Decoded) => {
    checkIds(link);
    return { ...link, attributes: toAttributes(link.attributes) };
  });
  const attributes = toAttributes(span.attributes);
  return { ...span, parentSpanId, traceState, kind, links, attributes, status: status?.code ?? 0, resource };
}

function checkIds({ traceId, spanId }: Decoded): void {
  const isRight = /^[0-9a-f]{32}$/.test(traceId) && /[1-9a-f]/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId);
  if (!isRight || !/[1-9a-f]/.test(spanId)) throw new Error('a span has no valid id');
}

function toAttributes(pairs: Decoded[]): Attributes {
  const entries = pairs.map(({ key, value }) => {
    const values = Object.values(value);
    if (!key || values.length !== 1) throw new Error(`the attribute ${key} has no value, or several`);
    return [key, values[0]];
  });
  if (new Set(entries.map(([key]) => key)).size < entries.length) throw new Error('an attribute is there twice');
  return Object.fromEntries(entries);
}

/** What an OpenTelemetry collector is to the product: it takes traces by OTLP over HTTP, and refuses what breaks the protocol. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Why requests were refused. */
  readonly faults: string[] = [];
  /** The headers of the requests. */
  readonly headers: IncomingMessage['headers'][] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void this.take(request).then(
        () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
        (error: unknown) => {
          this.faults.push(String(error));
          response.writeHead(400).end();
        },
      );
    });
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((done) => receiver.server.listen(port, '127.0.0.1', done));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The spans of a trace, as they began. */
  trace(id: string): ReceivedSpan[] {
    const spans = this.spans.filter(({ traceId }) => traceId === id);
    return spans.sort((one, other) => Number(one.start - other.start));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    if (method !== 'POST' || url !== '/v1/traces') throw new Error(`${method} ${url} is no request for traces`);
    if (headers['content-type'] !== 'application/x-protobuf') throw new Error(`${headers['content-type']} is not OTLP`);
    this.headers.push(headers);
    this.spans.push(...readSpans(Buffer.concat(chunks)));
  }
}
