import { afterEach, describe, expect } from '@jest/globals';
import { mongo } from 'mongoose';
import { spawn } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { startNewerServer } from '../support/newer-server.js';
import { itWith } from '../support/programs.js';
import { runToEnd, untilEnd, Workplace } from '../support/server-process.js';
import { freshDatabaseUri } from '../support/start-mongo.js';

const CONTRACT = resolve('openapi.json');
const COMPILER_OPTIONS = {
  target: 'es2023',
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  typeRoots: [resolve('node_modules/@types')],
  types: ['node'],
};
/** What each program of test/clients sees, whatever it is written in. */
const SEEN = {
  health: 'ok',
  amount: 3_000_000_000,
  party: [4, 'order-1001', 'web'],
  refusal: [409, 'sold_out'],
  cancelled: 'cancelled',
  left: 1,
  events: ['Concert', 'Film'],
  users: ['Ada', 'Ada', null],
};

describe('a client that is generated from openapi.json creates, books, cancels and lists', () => {
  const workplace = new Workplace();
  afterEach(() => workplace.clear());

  itWith('openapi-generator-cli', 'in Java', async (generator) => {
    const folder = workplace.folder();
    const classpath = `${toolsOf(generator)}/java-client/target/dependency/*:classes`;
    await generate(generator, 'java', folder, '.');
    cpSync('test/clients/java', join(folder, 'src/main/java'), { recursive: true });
    const compile = `find src/main/java -name '*.java' | xargs javac -nowarn -d classes -cp '${classpath}'`;
    await run(folder, 'sh', ['-c', compile]);
    expect(await sell('java', ['-cp', classpath, 'Shop'], folder)).toEqual(SEEN);
  });

  itWith('openapi-generator-cli', 'in Python', async (generator) => {
    const folder = workplace.folder();
    await generate(generator, 'python', folder, '.');
    cpSync('test/clients/python', folder, { recursive: true });
    expect(await sell(`${toolsOf(generator)}/python/bin/python`, ['shop.py'], folder)).toEqual(SEEN);
  });

  itWith('openapi-generator-cli', 'in TypeScript with axios', async (generator) => {
    const folder = workplace.folder();
    await generate(generator, 'typescript-axios', folder, 'client');
    expect(await sellInTypeScript('typescript-axios', toolsOf(generator), folder)).toEqual(SEEN);
  });

  itWith('openapi-generator-cli', 'in TypeScript with fetch', async (generator) => {
    const folder = workplace.folder();
    await generate(generator, 'typescript-fetch', folder, 'client');
    expect(await sellInTypeScript('typescript-fetch', toolsOf(generator), folder)).toEqual(SEEN);
  });

  itWith('openapi-typescript', 'in TypeScript with openapi-fetch', async (generator) => {
    const folder = workplace.folder();
    await run(folder, generator, [CONTRACT, '-o', 'client.ts']);
    expect(await sellInTypeScript('openapi-fetch', toolsOf(generator), folder)).toEqual(SEEN);
  });

  /** Type-checks a program together with its client, and runs it. */
  async function sellInTypeScript(program: string, tools: string, folder: string): Promise<unknown> {
    cpSync(`test/clients/${program}`, folder, { recursive: true });
    symlinkSync(`${tools}/node_modules`, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
    await run(folder, process.execPath, [resolve('node_modules/typescript/bin/tsc')]);
    return sell(process.execPath, [resolve('node_modules/tsx/dist/cli.mjs'), 'shop.ts'], folder);
  }

  /** Runs a program against a server that says more than the contract. Returns what the program prints. */
  async function sell(program: string, args: readonly string[], cwd: string): Promise<unknown> {
    const folder = workplace.folder();
    const environment = { MONGO_URI: await databaseWithoutUsers() };
    const scopes = ['--scope', 'sell', '--scope', 'operate'];
    const key = await runToEnd(folder, 'dist/cli/keys.js', ['create', ...scopes, '--name', 'test'], environment);
    const { api } = await (await workplace.start(folder, environment)).ready();
    const newer = await startNewerServer(api.url);
    try {
      return JSON.parse(await run(cwd, program, [...args, newer.url, key.stdout.trim()]));
    } finally {
      newer.close();
    }
  }
});

function toolsOf(program: string): string {
  return dirname(dirname(program));
}

async function generate(generator: string, name: string, folder: string, output: string): Promise<void> {
  await run(folder, generator, ['generate', '-g', name, '-i', CONTRACT, '-o', output]);
}

/** What a program prints. Throws with all of it when the program fails. */
async function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await untilEnd(spawn(program, args, { cwd }));
  if (code !== 0) throw new Error(`${program} ends with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** A database of the Express API, whose bookings say nothing of users. */
async function databaseWithoutUsers(): Promise<string> {
  const uri = freshDatabaseUri();
  const [eventId, sectionId, createdAt] = [new mongo.ObjectId(), new mongo.ObjectId(), new Date('2026-01-13')];
  const sections = [{ _id: sectionId, name: 'Stalls', price: 50, capacity: 5, remaining: 4 }];
  const client = new mongo.MongoClient(uri);
  await client.db().collection('events').insertOne({ _id: eventId, name: 'Past', sections, createdAt });
  await client.db().collection('bookings').insertOne({ eventId, sectionId, qty: 1, createdAt });
  await client.close();
  return uri;
}
