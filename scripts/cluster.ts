import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Progress } from '../src/common/progress.js';
import { findMongod } from '../src/platform/database/mongod-binary.js';
import { LOCAL_HOST } from './chaos/host.js';
import { MongoCluster } from './chaos/mongo-cluster.js';
import { Rabbit } from './chaos/rabbit.js';
import { Redis } from './chaos/redis.js';
import { PROGRAM, Server } from './chaos/server.js';
import { until } from './chaos/wait.js';
import { hasEnded, Workspace } from './chaos/workspace.js';
import { findProgram } from './support/program-folders.js';
import { toCount } from './support/to-count.js';

const HELP = `
Usage: npm run cluster -- [-n 2] [--port 5000]

Starts a whole installation from the programs of this machine, on the loopback address and on throw-away data: a replica set
of three, a Redis, a RabbitMQ, so many servers, and an nginx in front of them at the port. It prints the addresses; Ctrl-C ends
all of it. Without a Redis, a RabbitMQ or an nginx on this machine it says so, and goes on without.
`.trim();

const SERVERS_MAX = 16;
const MEMBERS = [LOCAL_HOST, LOCAL_HOST, LOCAL_HOST];
const NGINX_TIMEOUT_MS = 30_000;
const PROXY = fileURLToPath(new URL('../deploy/nginx/proxy.conf', import.meta.url));

const workspace = new Workspace();
const progress = Progress.onStderr(process.env);

try {
  const { values } = parseArgs({
    options: {
      n: { type: 'string', short: 'n', default: '2' },
      port: { type: 'string', default: '5000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    await workspace.close();
  } else {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end());
    await start(toCount('n', values.n, 1, SERVERS_MAX), toCount('port', values.port, 1, 65_535));
  }
} catch (error) {
  progress.end();
  // What is not there any more because of Ctrl-C is no reason to complain.
  if (!workspace.isClosing) console.error((error as Error).message);
  await workspace.close('logs');
  process.exitCode = 1;
}

async function start(count: number, port: number): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Error('The product is not built: npm run build');
  const mongod = await findMongod(process.env, (line) => progress.say(line));
  const [hasRedis, hasRabbit] = ['redis-server', 'rabbitmq-server'].map((name) => findProgram(name) !== undefined);
  const nginx = findProgram('nginx');
  progress.begin('started', 1 + count + [hasRedis, hasRabbit, nginx].filter(Boolean).length);
  const cluster = await starting('a replica set of three', MongoCluster.start(workspace, mongod, MEMBERS));
  const redis = hasRedis ? await starting('Redis', Redis.start(workspace)) : undefined;
  const rabbit = hasRabbit ? await starting('RabbitMQ', Rabbit.start(workspace)) : undefined;
  const settings = {
    MONGO_URI: cluster.uri,
    ...(redis && { REDIS_URL: redis.url }),
    ...(rabbit && { AMQP_URL: rabbit.url }),
    // The address of a caller is what nginx says.
    ...(nginx !== undefined && { TRUST_PROXY: '1' }),
  };
  const servers: Server[] = [];
  // The first one makes the schema.
  for (let number = 1; number <= count; number++) {
    const name = `server-${number}`;
    servers.push(await starting(name, Server.start(workspace, name, settings)));
  }
  const urls = servers.map(({ url }) => url);
  const url = nginx === undefined ? urls[0] : await starting('nginx', startNginx(nginx, urls, port));
  progress.end();
  const lines = [
    `API      ${url ?? ''}${nginx === undefined ? '  (the first server: there is no nginx here)' : ''}`,
    `Docs     ${url ?? ''}/docs`,
    `Console  ${url ?? ''}/console`,
    `Servers  ${urls.join(' ')}`,
    `MongoDB  ${cluster.uri}`,
    `Redis    ${redis?.url ?? 'none here: each server sells by itself'}`,
    `RabbitMQ ${rabbit?.url ?? 'none here: each server decides what is queued at it'}`,
    `Logs     ${workspace.folder}`,
    '',
    `Try      npm run race -- --url ${url ?? ''} --users 500 --tickets 100`,
    'Ctrl-C ends all of it, and removes the data.',
  ];
  console.log(lines.join('\n'));
}

/** Says that something is being started, until it is. */
async function starting<Started>(what: string, started: Promise<Started>): Promise<Started> {
  progress.doing(what);
  const result = await started;
  progress.add();
  return result;
}

/** Returns where nginx serves. */
async function startNginx(program: string, urls: readonly string[], port: number): Promise<string> {
  const folder = workspace.subfolder('nginx');
  const servers = urls.map((url) => `server ${new URL(url).host};`).join(' ');
  const config = `
    daemon off; # One process, which is ended like all others.
    master_process off;
    pid nginx.pid;
    error_log stderr warn;
    events { worker_connections 8192; }
    http {
      access_log off;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ')}
      upstream ticket_booking { least_conn; ${servers} keepalive 256; }
      server { listen 127.0.0.1:${port} backlog=4096; location / { include ${PROXY}; } }
    }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const nginx = workspace.spawn('nginx', {
    command: program,
    args: ['-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'stderr'],
    environment: process.env,
  });
  const url = `http://127.0.0.1:${port}`;
  await until(`nginx serves at port ${port}`, NGINX_TIMEOUT_MS, async () => {
    if (hasEnded(nginx)) throw new Error(`nginx has ended: is port ${port} free? See ${workspace.folder}/nginx.log`);
    return fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
  });
  return url;
}

async function end(): Promise<void> {
  progress.end();
  await workspace.close();
  process.exit();
}
