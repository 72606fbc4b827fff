import { describe, expect, it } from '@jest/globals';
import { readAppConfig } from '../../src/app/app.module.js';
import { ConfigError, type Environment, readConfig, text } from '../../src/platform/config/index.js';

const DEFAULTS = {
  port: 5000,
  host: '127.0.0.1',
  corsOrigins: '*',
  mongoUri: undefined,
  logLevel: 'info',
  maxTicketsPerBooking: 10,
};

const reasonsOf = (environment: Environment): readonly string[] => {
  try {
    readAppConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.reasons;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  it('has a default for everything, and can not be changed', () => {
    const config = readAppConfig({});
    expect(config).toMatchObject(DEFAULTS);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes what is set, without the white space around it', () => {
    const config = readAppConfig({
      PORT: ' 8080 ',
      HOST: '0.0.0.0',
      MONGO_URI: 'mongodb://db:27017/?replicaSet=rs0',
      LOG_LEVEL: 'silent',
      MAX_TICKETS_PER_BOOKING: '4',
      CORS_ORIGINS: 'https://shop.example, http://localhost:3000',
    });
    expect(config).toMatchObject({
      port: 8080,
      host: '0.0.0.0',
      mongoUri: 'mongodb://db:27017/?replicaSet=rs0',
      logLevel: 'silent',
      maxTicketsPerBooking: 4,
      corsOrigins: ['https://shop.example', 'http://localhost:3000'],
    });
  });

  it.each([
    ['HTTPS://Shop.Example', ['https://shop.example']],
    ['https://shop.example/', ['https://shop.example']],
    ['https://shop.example:443, http://shop.example:80/', ['https://shop.example', 'http://shop.example']],
    ['https://shop.example:80', ['https://shop.example:80']],
    ['https://bücher.example', ['https://xn--bcher-kva.example']],
    ['http://[::1]:3000,http://[0:0::1]:3000', ['http://[::1]:3000']],
    ['http://localhost:03000', ['http://localhost:3000']],
  ])('takes the origins %j as browsers send them', (value, origins) => {
    expect(readAppConfig({ CORS_ORIGINS: value }).corsOrigins).toEqual(origins);
  });

  it.each([
    ['/', ''],
    ['/tickets', '/tickets'],
    ['/tickets/', '/tickets'],
    ['/shop/v1.2/_tickets~', '/shop/v1.2/_tickets~'],
  ])('takes the path %s', (value, path) => {
    expect(readAppConfig({ BASE_PATH: value }).basePath).toBe(path);
  });

  it('takes an empty variable for one that is not set, and ignores those it does not know', () => {
    expect(readAppConfig({ PORT: '', HOST: '  ', SOMETHING_ELSE: 'x' })).toEqual(readAppConfig({}));
  });

  it('listens on one address of localhost, where one server stands behind one gate', () => {
    expect(readAppConfig({ HOST: 'localhost' }).host).toBe('127.0.0.1');
  });

  it('names every bad variable at once', () => {
    const reasons = reasonsOf({
      PORT: '80a',
      HOST: 'not a host',
      MONGO_URI: 'http://db',
      LOG_LEVEL: 'loud',
      MAX_TICKETS_PER_BOOKING: '0',
      CORS_ORIGINS: 'shop.example',
    });
    expect(reasons.map((reason) => reason.split(' ', 1)[0]).sort()).toEqual([
      'CORS_ORIGINS',
      'HOST',
      'LOG_LEVEL',
      'MAX_TICKETS_PER_BOOKING',
      'MONGO_URI',
      'PORT',
    ]);
  });

  it('refuses one port for two servers, but not no port', () => {
    expect(reasonsOf({ PORT: '9464', METRICS_PORT: '9464' })).toEqual([
      expect.stringMatching(/^METRICS_PORT must be /),
    ]);
    expect(reasonsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '5000.5'],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['LOG_LEVEL', 'INFO'],
    ['MAX_TICKETS_PER_BOOKING', '1001'],
    ['MAX_STREAMS', '-1'],
    ['WORKERS', '0'],
    ['WORKERS', '65'],
    ['WORKERS', 'all'],
    ['MAX_STREAMS', '100001'],
    ['CORS_ORIGINS', 'https://shop.example/path'],
    ['CORS_ORIGINS', 'https://shop.example,*'],
    ['CORS_ORIGINS', 'https://*.shop.example'],
    ['CORS_ORIGINS', 'https://shop.example?a=b'],
    ['CORS_ORIGINS', 'https://shop.example/#'],
    ['CORS_ORIGINS', 'https://user@shop.example'],
    ['CORS_ORIGINS', 'https://shop.example:70000'],
    ['CORS_ORIGINS', 'https://shop..example'],
    ['CORS_ORIGINS', 'https:shop.example'],
    ['CORS_ORIGINS', 'https:\\\\shop.example'],
    ['CORS_ORIGINS', 'ftp://shop.example'],
    ['CORS_ORIGINS', 'null'],
    ['KEEP_ALIVE_SECONDS', '0'],
    ...['tickets', '/a//b', '//host', '/..', '/a/../b', '/:id', '/a*', '/a b', '/?x'].map((path) => [
      'BASE_PATH',
      path,
    ]),
    ['SHUTDOWN_DELAY_SECONDS', '-1'],
    ['MONGO_URI', 'mongodb://'],
    ...['localhost:6379', 'redis://', 'http://localhost', 'redis://h:port', 'redis://h/a', 'redis://h?db=1'].map(
      (redisUrl) => ['REDIS_URL', redisUrl],
    ),
    ...['localhost:4318', 'grpc://h:4317', 'http://', 'http://h?a=b', 'http://h/#a'].map((url) => [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      url,
    ]),
    ...['token', 'a b=c', '=c', 'a=%', 'a=b,', 'a=b c'].map((headers) => ['OTEL_EXPORTER_OTLP_HEADERS', headers]),
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ...['2', '-1', '1e-2', '1%', '.'].map((share) => ['OTEL_TRACES_SAMPLER_ARG', share]),
  ])('refuses %s=%s', (variable, value) => {
    expect(reasonsOf({ [variable]: value })).toEqual([expect.stringMatching(`^${variable} must be `)]);
  });

  it.each([
    ['REDIS_URL', 'redis://localhost'],
    ['REDIS_URL', 'rediss://ann:p%40ss@redis.example:6380/2'],
    ['PORT', '0'],
    ['PORT', '65535'],
    ['MAX_TICKETS_PER_BOOKING', '1000'],
    ['MAX_STREAMS', '0'],
    ['MAX_STREAMS', '100000'],
    ['MONGO_URI', 'mongodb+srv://cluster.example'],
    ['CORS_ORIGINS', '*'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector.example/prefix/'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'],
    ['OTEL_SERVICE_NAME', 'tickets of the arena'],
    ['OTEL_TRACES_SAMPLER', 'parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '0.01'],
  ])('takes %s=%s', (variable, value) => {
    expect(reasonsOf({ [variable]: value })).toEqual([]);
  });

  it('reads headers as OpenTelemetry writes them', () => {
    const headers = ' authorization = Basic%20YTpi== , x-tenant=tickets,empty=';
    expect(readAppConfig({ OTEL_EXPORTER_OTLP_HEADERS: headers }).otlpHeaders).toEqual({
      authorization: 'Basic YTpi==',
      'x-tenant': 'tickets',
      empty: '',
    });
  });

  it('never repeats a bad value, which may be a password', () => {
    const secret = text('SECRET', /^[a-z]+$/, 'lower case', undefined);
    expect(() => readConfig({ secret }, { SECRET: 'HUNTER2' })).toThrow(/^(?!.*HUNTER2).*SECRET must be lower case$/);
  });
});
