import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Stands before a server and adds a member to every object of its answers, as a later version of it may. */
export async function startNewerServer(url: string): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const forwarded = request(`${url}${incoming.url}`, { method, headers }, (answer: IncomingMessage) => {
      void text(answer).then((body) => {
        const grown = Buffer.from(body && JSON.stringify(JSON.parse(body, withAddition)));
        const length = { 'content-length': grown.length, 'transfer-encoding': undefined };
        outgoing.writeHead(answer.statusCode!, withoutUndefined({ ...answer.headers, ...length })).end(grown);
      });
    });
    forwarded.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(forwarded);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Names that the contract leaves to the caller, or to the deployment. */
const MAPS = ['metadata', 'info', 'error', 'details'];

function withAddition(name: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && !MAPS.includes(name) ? { ...value, addedLater: { since: 2 } } : value;
}

function withoutUndefined<Value>(headers: Record<string, Value | undefined>): Record<string, Value> {
  const stated = Object.entries(headers).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(stated);
}
