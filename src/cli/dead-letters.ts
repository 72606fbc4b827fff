import 'reflect-metadata';
import { readEnvironment } from '../platform/config/index.js';
import { StartupError, withDatabase } from '../platform/database/index.js';
import { failToStart, parseArguments } from '../platform/process/index.js';
import { FailedRequests, type QueuedRequest } from '../requests/index.js';

const USAGE = `
Usage: npm run -s dead-letters -- list
       npm run -s dead-letters -- retry ID
       npm run -s dead-letters -- drop ID

  --uri mongodb://…   the database; else MONGO_URI, else the embedded MongoDB

Requests of queues that could not be carried out, however often they were tried. A server that runs puts one that is to be
retried at the end of its queue within seconds.
`.trim();

const ID = /^[0-9a-f]{24}$/i;
const LISTED_MAX = 1_000;

type Wish = (requests: FailedRequests) => Promise<void>;

/** Throws a StartupError that says how it is called. */
function readWish(): { wish: Wish; uri: string | undefined } {
  const options = { uri: { type: 'string' } } as const;
  const { values, positionals } = parseArguments({ allowPositionals: true, options }, USAGE);
  const [command, id, ...more] = positionals;
  if (more.length > 0) throw new StartupError(USAGE);
  if (command === 'list' && id === undefined) return { wish: list, uri: values.uri };
  if ((command === 'retry' || command === 'drop') && id !== undefined) {
    if (!ID.test(id))
      throw new StartupError(`${command} takes the id of a request, 24 hex digits: see list.\n${USAGE}`);
    return { wish: command === 'retry' ? toRetry(id) : toDrop(id), uri: values.uri };
  }
  throw new StartupError(USAGE);
}

async function list(requests: FailedRequests): Promise<void> {
  const failed = await requests.list(LISTED_MAX);
  if (failed.length === 0) console.error('No request has failed.');
  for (const request of failed) console.log(toLine(request));
}

function toLine({ id, eventId, kind, requestedAt, failure = '' }: QueuedRequest): string {
  return `${id}  ${new Date(requestedAt).toISOString()}  ${kind} of event ${eventId}: ${failure}`;
}

function toRetry(id: string): Wish {
  return async (requests) => {
    if (!(await requests.retry(id))) throw new StartupError(`There is no failed request ${id}: see list.`);
    console.error(`The request ${id} is put at the end of its queue within seconds, by a server that runs.`);
  };
}

function toDrop(id: string): Wish {
  return async (requests) => {
    if (!(await requests.drop(id))) throw new StartupError(`There is no failed request ${id}: see list.`);
    console.error(`The request ${id} is gone.`);
  };
}

try {
  const { wish, uri } = readWish();
  await withDatabase(uri, readEnvironment(), (connection) => wish(new FailedRequests(connection)));
} catch (error) {
  failToStart(error);
}
