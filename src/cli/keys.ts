import 'reflect-metadata';
import { SystemClock } from '../common/clock.js';
import {
  type ApiKey,
  apiKeysCollection,
  ApiKeysRepository,
  ApiKeysService,
  type Scope,
  SCOPES,
  tellRevocation,
} from '../platform/auth/index.js';
import { readConfig, readEnvironment } from '../platform/config/index.js';
import { type Db, makeSchema, nativeDb, StartupError, withDatabase } from '../platform/database/index.js';
import { ServersSecretRepository } from '../platform/peers/index.js';
import { redisConfig, withRedis } from '../platform/redis/index.js';
import { failToStart, parseArguments } from '../platform/process/index.js';

const USAGE = `
Usage: npm run -s keys -- create --scope sell|operate --name NAME    (--scope may be given twice)
       npm run -s keys -- list
       npm run -s keys -- revoke ID

  --uri mongodb://…   the database; else MONGO_URI, else the embedded MongoDB

A new key is printed once, alone on stdout. With the first key the API asks everybody for one.
`.trim();

const NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;
const ID = /^[0-9a-f]{24}$/i;

/** `tell` returns how many servers have heard of a revocation at once. */
type Wish = (keys: ApiKeysService, db: Db, tell: () => Promise<number>) => Promise<void>;

/** Throws a StartupError that says how it is called. */
function readWish(): { wish: Wish; uri: string | undefined } {
  const { values, positionals } = parseArguments(
    {
      allowPositionals: true,
      options: {
        scope: { type: 'string', multiple: true, default: [] },
        name: { type: 'string' },
        uri: { type: 'string' },
      },
    },
    USAGE,
  );
  const [command, id, ...more] = positionals;
  if (command === 'create' && id === undefined) return { wish: toCreate(values.scope, values.name), uri: values.uri };
  if (values.scope.length > 0 || values.name !== undefined || more.length > 0) throw new StartupError(USAGE);
  if (command === 'list' && id === undefined) return { wish: list, uri: values.uri };
  if (command === 'revoke' && id !== undefined) return { wish: toRevoke(id), uri: values.uri };
  throw new StartupError(USAGE);
}

function toCreate(scopeNames: readonly string[], name: string | undefined): Wish {
  const scopes = SCOPES.filter((scope) => scopeNames.includes(scope));
  if (scopes.length === 0 || scopeNames.some((scope) => !scopes.includes(scope as Scope))) {
    throw new StartupError(`--scope must be one of ${SCOPES.join(', ')}.\n${USAGE}`);
  }
  if (name === undefined || !NAME.test(name)) {
    throw new StartupError(`--name must be 1 to 64 visible ASCII characters, with blanks between them.\n${USAGE}`);
  }
  return async (keys, db) => {
    // The first key may be made before the first start: an insertion would make the collection without its validator.
    await makeSchema(db, [apiKeysCollection]);
    const { key, token } = await keys.create(name, scopes);
    console.error(`The key "${name}" (${scopes.join(', ')}) has the id ${key.id}. It is shown this once:`);
    console.log(token);
  };
}

function toRevoke(id: string): Wish {
  if (!ID.test(id)) throw new StartupError(`revoke takes the id of a key, 24 hex digits: see list.\n${USAGE}`);
  return async (keys, _db, tell) => {
    if (!(await keys.revoke(id))) throw new StartupError(`There is no key with the id ${id}: see list.`);
    const told = await tell();
    const when =
      told === 0 ? 'every server refuses it within 5 s' : `${told} servers were told; others refuse it within 5 s`;
    console.error(`The key ${id} is revoked: ${when}.`);
  };
}

async function list(keys: ApiKeysService): Promise<void> {
  const all = await keys.list();
  if (all.length === 0) console.error('There is no key: the API is open on the loopback address.');
  else console.log(toTable([['ID', 'SCOPE', 'CREATED', 'LAST USED', 'REVOKED', 'NAME'], ...all.map(toRow)]));
}

function toRow({ id, name, scopes, createdAt, lastUsedAt, revokedAt }: ApiKey): string[] {
  const toText = (date: Date | undefined) => date?.toISOString().slice(0, 16) ?? '-';
  return [id, scopes.join('+'), toText(createdAt), toText(lastUsedAt), toText(revokedAt), name];
}

function toTable(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widthOf(column))).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
}

async function run(): Promise<void> {
  const { wish, uri } = readWish();
  const environment = readEnvironment();
  const clock = new SystemClock();
  const { redisUrl } = readConfig(redisConfig, environment);
  await withDatabase(uri, environment, (connection) => {
    const tell = async () => {
      if (redisUrl === undefined) return 0;
      const secret = await new ServersSecretRepository(connection).read();
      return withRedis(redisUrl, secret, clock, tellRevocation).catch(() => 0);
    };
    return wish(new ApiKeysService(new ApiKeysRepository(connection), clock), nativeDb(connection), tell);
  });
}

try {
  await run();
} catch (error) {
  failToStart(error);
}
