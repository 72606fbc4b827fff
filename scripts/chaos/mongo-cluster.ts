import type { ChildProcess } from 'node:child_process';
import { mongo } from 'mongoose';
import { ask, freePort } from '../../src/platform/database/local-mongod.js';
import type { Host } from './host.js';
import { until } from './wait.js';
import { end, hasEnded, type Workspace } from './workspace.js';

const REPLICA_SET = 'chaos';
const DATABASE = 'ticket-booking';
const TIMEOUT_MS = 60_000;
const OPTIONS = [
  ['--replSet', REPLICA_SET, '--nounixsocket', '--storageEngine', 'wiredTiger'],
  ['--wiredTigerCacheSizeGB', '0.5', '--oplogSize', '256', '--networkMessageCompressors', 'disabled'],
  // A server killed inside a transaction would leave it open for a minute, its events locked.
  ['--setParameter', 'transactionLifetimeLimitSeconds=5'],
].flat();

/** A member of the set, which can be killed and comes back on the same port with the same data. */
export class Member {
  private process: ChildProcess | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly binary: string,
    private readonly name: string,
    readonly host: Host,
    private readonly port: number,
  ) {}

  get address(): string {
    return `${this.host.address}:${this.port}`;
  }

  start(): void {
    const { name, host, binary } = this;
    const own = [
      '--dbpath',
      this.workspace.subfolder(`${name}/db`),
      '--bind_ip',
      host.address,
      '--port',
      String(this.port),
    ];
    const args = [...own, ...OPTIONS];
    this.process = this.workspace.spawn(name, { command: binary, args, environment: process.env, host });
  }

  async kill(): Promise<void> {
    if (this.process) await end(this.process, 'SIGKILL');
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.kill(signal);
  }

  isPrimary(): Promise<boolean> {
    return this.says((hello) => hello['isWritablePrimary'] === true);
  }

  /** Whether it holds the data as the set has it. */
  isMember(): Promise<boolean> {
    return this.says((hello) => hello['isWritablePrimary'] === true || hello['secondary'] === true);
  }

  /** Makes a set of these members, of which this is one. */
  async initiate(members: readonly Member[]): Promise<void> {
    const config = {
      _id: REPLICA_SET,
      members: members.map(({ address }, _id) => ({ _id, host: address })),
      settings: { electionTimeoutMillis: 2_000 },
    };
    await until('a mongod that can be initiated', TIMEOUT_MS, () => this.command({ replSetInitiate: config }));
  }

  /** Makes it a secondary for a while, as an operator does. */
  stepDown(): Promise<boolean> {
    return this.command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true });
  }

  /** Whether a hold of the event is stored as active, whether its time is over or not. */
  hasActiveHold(eventId: string): Promise<boolean> {
    const active = { eventId: new mongo.ObjectId(eventId), status: 'active' };
    return ask(
      this.address,
      async (client) => (await client.db(DATABASE).collection('holds').findOne(active)) !== null,
    );
  }

  private command(command: object): Promise<boolean> {
    if (!this.process || hasEnded(this.process)) throw new Error(`${this.name} has ended, see its log`);
    return ask(this.address, async (client) => (await client.db('admin').command(command))['ok'] === 1);
  }

  private says(isTrue: (hello: Record<string, unknown>) => boolean): Promise<boolean> {
    return ask(this.address, async (client) => isTrue(await client.db('admin').command({ hello: 1 })));
  }
}

/** A replica set. */
export class MongoCluster {
  private constructor(private readonly members: readonly Member[]) {}

  /** Starts a member on each of these hosts. */
  static async start(workspace: Workspace, binary: string, hosts: readonly Host[]): Promise<MongoCluster> {
    const members: Member[] = [];
    for (const [index, host] of hosts.entries()) {
      const member = new Member(workspace, binary, `mongod-${index + 1}`, host, await freePort());
      member.start();
      members.push(member);
    }
    await members[0]?.initiate(members);
    const cluster = new MongoCluster(members);
    await cluster.healthy();
    return cluster;
  }

  get uri(): string {
    const hosts = this.members.map(({ address }) => address).join();
    return `mongodb://${hosts}/${DATABASE}?replicaSet=${REPLICA_SET}`;
  }

  /** The member that takes writes. */
  async primary(): Promise<Member> {
    let primary: Member | undefined;
    await until('a primary', TIMEOUT_MS, async () => {
      for (const member of this.members) {
        if (await member.isPrimary()) primary = member;
      }
      return primary !== undefined;
    });
    return primary as unknown as Member;
  }

  othersThan(member: Member): readonly Member[] {
    return this.members.filter((other) => other !== member);
  }

  /** Returns once there is a primary, and every member holds the data. */
  async healthy(): Promise<void> {
    await this.primary();
    for (const member of this.members) await until('a member of the set', TIMEOUT_MS, () => member.isMember());
  }
}
