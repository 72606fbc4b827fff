import { ConfigError } from '../config/index.js';
import { StartupError, StoppedEarly } from '../database/index.js';

/** Says on stderr why the server can't start, one sentence where its operator can mend it, and ends with code 1. */
export function failToStart(error: unknown): void {
  // A signal came while it started: the shutdown it began ends the process.
  if (error instanceof StoppedEarly) return;
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Bad configuration:\n  - ${error.reasons.join('\n  - ')}`;
  if (error instanceof StartupError) return error.message;
  const system = explainSystemError(error as SystemError);
  if (system !== undefined) return system;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

type SystemError = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string };

const HOST_CODES = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];

/** What the system refuses: to listen, or a file. Undefined for any other error. */
function explainSystemError({ code, syscall, path, address, hostname, port }: SystemError): string | undefined {
  if (path !== undefined && syscall !== 'listen') {
    return `${path} can not be used (${code} at ${syscall}): let this user read and write it, and see that its disk is not full.`;
  }
  if (code === 'EADDRINUSE') {
    const hint = process.platform === 'darwin' && port === 5000 ? " (on macOS AirPlay's receiver often holds it)" : '';
    return `Port ${port} is taken${hint}: stop the program that holds it, or set PORT (METRICS_PORT, where it is that one) to another.`;
  }
  if (code === 'EACCES' && syscall === 'listen') {
    return `Port ${port} may not be opened by this user: set PORT (METRICS_PORT, where it is that one) to 1024 or above.`;
  }
  if (code !== undefined && HOST_CODES.includes(code) && (syscall === 'listen' || syscall === 'getaddrinfo')) {
    const host = hostname ?? address;
    return `HOST ${host} is no address of this machine (${code}): set HOST to one, or to 0.0.0.0 for all.`;
  }
  return undefined;
}
