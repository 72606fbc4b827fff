import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import type { RunningApp } from './start-app.js';
import { freshDatabaseUri } from './start-mongo.js';

/** What is sent beside the requests: by the driver, to know the API keys, and with every heartbeat. */
export const NOT_OF_REQUESTS = [
  ...['ping', 'hello', 'endSessions', 'find apiKeys'],
  ...['update servers', 'find servers', 'find migrations'],
];

/** A database whose product can be watched. */
export function watchedUri(): string {
  const uri = freshDatabaseUri();
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}

/** What the product sends to MongoDB from now on, in order: `find events`, `commitTransaction`. Needs a `watchedUri`. */
export function watchCommands({ app }: RunningApp): string[] {
  const sent: string[] = [];
  const client = app.get<Connection>(getConnectionToken()).getClient();
  client.on('commandStarted', ({ commandName, command }) => {
    const target = typeof command[commandName] === 'string' ? ` ${command[commandName]}` : '';
    if (!NOT_OF_REQUESTS.includes(commandName + target)) sent.push(commandName + target);
  });
  return sent;
}

/** How many of the commands are of this kind, such as `find`. */
export function countCommands(sent: readonly string[], name: string): number {
  return sent.filter((command) => command.split(' ', 1)[0] === name).length;
}
