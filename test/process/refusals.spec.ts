import { afterEach, describe, expect, it } from '@jest/globals';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freshDatabaseUri, startReplicaSet, uriOn } from '../support/start-mongo.js';
import { runToEnd, Workplace } from '../support/server-process.js';

describe('a start that can not succeed ends with 1 and says what to change', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  async function refusal(environment: Record<string, string>): Promise<string> {
    const server = await workplace.start(workplace.folder(), environment);
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.output).not.toMatch(/^\s+at /m);
    return server.output;
  }

  it('names every bad variable at once', async () => {
    const output = await refusal({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      MAX_TICKETS_PER_BOOKING: '1.5',
      MONGO_URI: 'postgres://localhost',
    });
    for (const name of ['PORT', 'LOG_LEVEL', 'MAX_TICKETS_PER_BOOKING', 'MONGO_URI']) expect(output).toContain(name);
  });

  it('names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address() as AddressInfo;
    try {
      expect(await refusal({ PORT: String(port) })).toContain(`${port}`);
    } finally {
      other.close();
    }
  });

  it('refuses a standalone MongoDB', async () => {
    const standalone = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
    try {
      expect(await refusal({ MONGO_URI: standalone.getUri() })).toMatch(/standalone MongoDB.*--replSet/);
    } finally {
      await standalone.stop();
    }
  });

  it('refuses a weak write concern, and keeps the password to itself', async () => {
    const output = await refusal({ MONGO_URI: 'mongodb://shop:hunter2@localhost:1/tickets?w=1' });
    expect(output).toMatch(/write concern.*remove w and journal/);
    expect(output).not.toContain('hunter2');
  });
});

describe('a database that no waiting helps is named alike by the server and the commands', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it.each([
    ['a host without a name', 'mongodb://no-such-host.invalid:27017/?replicaSet=rs0', /no-such-host\.invalid:27017/],
    [
      'a set of another name',
      () => freshDatabaseUri().replace(/replicaSet=\w+/, 'replicaSet=other'),
      /replica set other,/,
    ],
    ['a file that is not there', 'mongodb://localhost/?tls=true&tlsCAFile=no.pem', /no\.pem \(tlsCAFile\).*ENOENT/],
  ])('%s', async (_kind, uri, named) => {
    const environment = { MONGO_URI: typeof uri === 'string' ? uri : uri() };
    const server = await workplace.start(workplace.folder(), environment);
    const commands = [
      await runToEnd(workplace.folder(), 'dist/cli/audit.js', [], environment),
      await runToEnd(workplace.folder(), 'dist/cli/keys.js', ['list'], environment),
    ];
    expect(await server.exited).toEqual({ code: 1, signal: null });
    const said = server.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(said).toEqual([expect.stringMatching(named)]);
    for (const command of commands) {
      expect(command).toEqual({ code: 1, signal: null, stdout: '', stderr: `${said[0]}\n` });
    }
  });
});

describe('a MongoDB that is starting too', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  it('is awaited, while every business route says 503', async () => {
    const replicaSet = await startReplicaSet();
    const mongod = replicaSet.servers[0]!.instanceInfo!.instance.mongodProcess!;
    try {
      mongod.kill('SIGSTOP');
      const server = await workplace.start(workplace.folder(), { MONGO_URI: uriOn(replicaSet) });
      await server.listening();
      const live = await server.api.get('/health/live');
      const book = await server.api.book('0123456789abcdef01234567');
      mongod.kill('SIGCONT');
      await server.ready();

      expect(live.status).toBe(200);
      expect(book).toMatchObject({ status: 503, body: { success: false, code: 'database_unavailable' } });
      expect((await server.api.post('/events/create', { name: 'Concert Night', totalTickets: 1 })).status).toBe(201);
      await server.end();
    } finally {
      mongod.kill('SIGCONT');
      await replicaSet.stop();
    }
  });
});
