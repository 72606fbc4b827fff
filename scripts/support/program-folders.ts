import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps the programs of a PostgreSQL server here, by version and outside of PATH. */
const POSTGRESQL = '/usr/lib/postgresql';

/** The RabbitMQ on PATH there is for a service manager: it wants a user of its own. */
const RABBITMQ = '/usr/lib/rabbitmq/bin';

/** The path of an installed program; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  return programFolders()
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** Where installed programs are looked for, in this order. */
export function programFolders(): string[] {
  const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).sort((a, b) => Number(b) - Number(a)) : [];
  return [
    RABBITMQ,
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(POSTGRESQL, version, 'bin')),
  ];
}
