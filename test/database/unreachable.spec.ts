import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoMemoryServer, type MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { createConnection } from 'mongoose';
import { refuseBadUri } from '../../src/platform/database/connection-string.js';
import { checkDeployment } from '../../src/platform/database/deployment.js';
import { unresolvedHosts } from '../../src/platform/database/host-probe.js';
import { whyUnreachable } from '../../src/platform/database/why-unreachable.js';
import { itWith } from '../support/programs.js';
import { startReplicaSet } from '../support/start-mongo.js';

/** Why `uri` leads to no connection, as server and commands find out. */
async function reasonFor(uri: string): Promise<{ text: string; patienceMs: number }> {
  const connection = createConnection();
  try {
    await refuseBadUri(uri);
    await connection.openUri(uri, { serverSelectionTimeoutMS: 1_000 });
    await checkDeployment(connection.getClient());
  } catch (error) {
    return error instanceof Error && error.name === 'StartupError'
      ? { text: error.message, patienceMs: 0 }
      : await whyUnreachable(uri, error);
  } finally {
    await connection.close();
  }
  return { text: 'connected', patienceMs: NaN };
}

/** A MongoDB that waits to be made a replica set: `stop` would ask one that has a name to step down. */
function startMember(...args: string[]): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger', args: ['--replSet', 'rs0', ...args] } });
}

describe('a MongoDB that is not reached', () => {
  let replicaSet: MongoMemoryReplSet;
  let host: string;
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    host = new URL(replicaSet.getUri()).host;
  });
  afterAll(() => replicaSet.stop());

  it('because of its name is waited for a few seconds, and the name is said', async () => {
    const { text, patienceMs } = await reasonFor('mongodb://no-such-host.invalid:27017/?replicaSet=rs0');
    expect(text).toMatch(/MONGO_URI names the host no-such-host\.invalid:27017, whose name does not resolve/);
    expect(patienceMs).toBeGreaterThan(0);
    expect(patienceMs).toBeLessThan(30_000);
  });

  it('because nothing listens is waited for, and the host is said', async () => {
    const reason = await reasonFor('mongodb://127.0.0.1:1/?replicaSet=rs0');
    expect(reason).toEqual({ text: expect.stringMatching(/127\.0\.0\.1:1\b.*ECONNREFUSED/), patienceMs: 30_000 });
  });

  it('by one of its names is used by the others, and that name is said', async () => {
    const uri = `mongodb://no-such-host.invalid:27017,${host}/?replicaSet=testset`;
    expect(await unresolvedHosts(uri)).toEqual(['no-such-host.invalid']);
    expect(await unresolvedHosts(`mongodb://${host},[::1]:27017/`)).toEqual([]);
  });

  it('because one member has no name and the others are starting is waited for like those', async () => {
    const { text, patienceMs } = await reasonFor('mongodb://no-such-host.invalid,127.0.0.1:1/?replicaSet=rs0');
    expect(text).toContain('no-such-host.invalid');
    expect(patienceMs).toBe(30_000);
  });

  it('because its set has another name is not waited for, and both names are said', async () => {
    const reason = await reasonFor(`mongodb://${host}/?replicaSet=other`);
    const text = expect.stringMatching(`asks for the replica set other, and ${host} belongs to testset`);
    expect(reason).toEqual({ text, patienceMs: 0 });
  });

  it('because its DNS record does not exist is not waited for', async () => {
    const { text } = await reasonFor('mongodb+srv://no-such-cluster.invalid/');
    expect(text).toContain('_mongodb._tcp.no-such-cluster.invalid');
  });

  it('because it refuses the user is not waited for, and nothing of the password is said', async () => {
    const { text, patienceMs } = await reasonFor(`mongodb://shop:hunter2@${host}/?replicaSet=testset`);
    expect({ text, patienceMs }).toEqual({
      text: expect.stringMatching(/refuses the user or the password/),
      patienceMs: 0,
    });
    expect(text).not.toMatch(/hunter2|shop/);
  });

  it('because it is not initiated is waited for, and rs.initiate() is said', async () => {
    const lonely = await startMember();
    try {
      const { text, patienceMs } = await reasonFor(`mongodb://127.0.0.1:${lonely.instanceInfo!.port}/?replicaSet=rs0`);
      expect({ text, patienceMs }).toEqual({ text: expect.stringContaining('rs.initiate()'), patienceMs: 30_000 });
    } finally {
      await lonely.stop();
    }
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-booking-tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A certificate that is its own CA, and a file of it with its key. */
  const certify = (openssl: string, name: string) => {
    const [key, certificate, both] = ['key', 'crt', 'pem'].map((end) => join(folder, `${name}.${end}`)) as [
      string,
      string,
      string,
    ];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      openssl,
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject],
      { stdio: 'ignore' },
    );
    writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'));
    return { certificate, both };
  };
  itWith('openssl', 'that is wrong is named, and not waited for', async (openssl) => {
    const [own, other] = [certify(openssl, 'own'), certify(openssl, 'other')];
    const nothing = join(folder, 'nothing.pem');
    writeFileSync(nothing, 'nothing\n');
    const forServer = ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', own.both];
    const [tls, mutual, plain] = await Promise.all([
      startMember(...forServer),
      startMember(...forServer, '--tlsCAFile', own.certificate),
      startMember(),
    ]);
    const hostOf = (server: MongoMemoryServer, name = 'localhost') => `${name}:${server.instanceInfo!.port}`;
    const ask = (host: string, options: string) => reasonFor(`mongodb://${host}/?replicaSet=rs0${options}`);
    const lasting: [string, string, RegExp][] = [
      [hostOf(tls), '', /localhost:\d+ speaks TLS only.*add tls=true/],
      [hostOf(plain), '&tls=true', /asks for TLS, and the MongoDB at localhost:\d+ does not speak it/],
      [hostOf(tls), '&tls=true', /certificate of .*localhost:\d+ is not signed by a CA that this machine knows/],
      [hostOf(tls), `&tls=true&tlsCAFile=${other.certificate}`, /not signed by a CA in \S+other\.crt/],
      [
        hostOf(tls),
        `&tls=true&tlsCAFile=${folder}/no.pem`,
        /names the file \S+no\.pem \(tlsCAFile\), which can not be read \(ENOENT\)/,
      ],
      [hostOf(tls), `&tls=true&tlsCAFile=${folder}`, /\(tlsCAFile\), which can not be read \(EISDIR\)/],
      [hostOf(tls), `&tls=true&tlsCAFile=${nothing}`, /nothing\.pem \(tlsCAFile\), which holds no CERTIFICATE/],
      [
        hostOf(tls),
        `&tls=true&tlsCertificateKeyFile=${own.certificate}`,
        /\(tlsCertificateKeyFile\), which holds no PRIVATE KEY/,
      ],
      [hostOf(tls, '127.0.0.1'), `&tls=true&tlsCAFile=${own.certificate}`, /is for other names/],
      [hostOf(mutual), `&tls=true&tlsCAFile=${own.certificate}`, /a client certificate .*tlsCertificateKeyFile/],
    ];
    try {
      for (const [host, options, text] of lasting) {
        expect({ options, ...(await ask(host, options)) }).toEqual({
          options,
          text: expect.stringMatching(text),
          patienceMs: 0,
        });
      }
      const right = `&tls=true&tlsCAFile=${own.certificate}`;
      const reached = { text: expect.stringContaining('rs.initiate()'), patienceMs: 30_000 };
      expect(await ask(hostOf(tls), right)).toEqual(reached);
      expect(await ask(hostOf(mutual), `${right}&tlsCertificateKeyFile=${own.both}`)).toEqual(reached);
    } finally {
      await Promise.all([tls, mutual, plain].map((server) => server.stop()));
    }
  });
});
