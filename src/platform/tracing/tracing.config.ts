import { type ConfigField, type ConfigOf, oneOf, text } from '../config/index.js';

const endpoint: ConfigField<string | undefined> = {
  variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  fallback: undefined,
  parse(value) {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
    if (isHttp && url.search === '' && url.hash === '') return value.replace(/\/+$/, '');
    throw new Error('http://HOST:PORT or https://HOST:PORT');
  },
};

const headers: ConfigField<Readonly<Record<string, string>>> = {
  variable: 'OTEL_EXPORTER_OTLP_HEADERS',
  fallback: {},
  parse(value) {
    const pairs = value.split(',').map((pair) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(pair));
    try {
      return Object.fromEntries(pairs.map((pair) => [required(pair?.[1]), decodeURIComponent(required(pair?.[2]))]));
    } catch {
      throw new Error('name=value, separated by commas, with percent signs before what is not plain');
    }
  },
};

function required(part: string | undefined): string {
  if (part === undefined) throw new Error('a name and a value');
  return part;
}

/** Which share of the traces is sampled, where the sampler asks for one. */
const share: ConfigField<number> = {
  variable: 'OTEL_TRACES_SAMPLER_ARG',
  fallback: 1,
  parse(value) {
    const number = /^(?:\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
    if (number >= 0 && number <= 1) return number;
    throw new Error('a number from 0 to 1');
  },
};

/** The standard variables of OpenTelemetry that the product reads. Its SDK reads more: docs/tracing.md has them. */
export const tracingConfig = {
  /** Where traces are sent to; without it there are none. */
  otlpEndpoint: endpoint,
  /** They may hold a password. */
  otlpHeaders: headers,
  otlpProtocol: oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf'], 'http/protobuf'),
  serviceName: text('OTEL_SERVICE_NAME', /^[^\p{Cc}]{1,256}$/u, 'a name of at most 256 characters', 'ticket-booking'),
  tracesSampler: oneOf(
    'OTEL_TRACES_SAMPLER',
    [
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
      'always_on',
      'always_off',
      'traceidratio',
    ],
    'parentbased_always_on',
  ),
  tracesSamplerArg: share,
};

export type TracingConfig = ConfigOf<typeof tracingConfig>;
