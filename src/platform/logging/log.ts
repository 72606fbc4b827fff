import type { LoggerService } from '@nestjs/common';
import { type Logger, type LoggerOptions, pino, type SerializedError, stdSerializers } from 'pino';
import { oneOf } from '../config/index.js';

export type Log = Logger;
export const LOG = Symbol('LOG');

export const loggingConfig = {
  logLevel: oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
};

/** What every log of the product has in common, wherever it is written to. */
export function logOptions(level: string): LoggerOptions {
  return { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } };
}

/** Lines are written together, at the latest after so long: a write for each of them cost a tenth of a booking's time. */
const BUFFERED = { sync: false, minLength: 4_096, periodicFlush: 100 };

/** JSON lines on stdout, or readable ones where stdout is a terminal. */
export async function createLog(level: string): Promise<Log> {
  const options = logOptions(level);
  if (!process.stdout.isTTY) return pino(options, pino.destination(BUFFERED));
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true }));
}

/** What is said of an error: the texts of the database's errors may quote a document, so only their code is. */
function describeError(error: Error): SerializedError | Record<string, unknown> {
  if (!error.name.startsWith('Mongo')) return stdSerializers.err(error);
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  const { code, codeName } = error as Error & { code?: unknown; codeName?: unknown };
  return { type: error.name, code, codeName, stack: frames.join('\n') };
}

/** Nest's own messages in our log: its tales of modules and routes only when debugging. */
export function nestLogger(log: Log): LoggerService {
  return {
    log: (message: unknown, context: unknown) => log.debug({ context }, String(message)),
    debug: (message: unknown, context: unknown) => log.debug({ context }, String(message)),
    verbose: (message: unknown, context: unknown) => log.trace({ context }, String(message)),
    warn: (message: unknown, context: unknown) => log.warn({ context }, String(message)),
    error: (message: unknown, ...more: unknown[]) => {
      // `failToStart` reports it in one sentence.
      if (String(message).startsWith('Error: listen ')) return;
      log.error({ context: more.at(-1) }, String(message));
    },
    fatal: (message: unknown, ...more: unknown[]) => log.fatal({ context: more.at(-1) }, String(message)),
  };
}
