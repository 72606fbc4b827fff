import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';

const ROOT = 'root';
/** A word that no message has by chance. */
export const PASSWORD = 'pa55w0rd';

/** What the README calls the least that a user needs, for serving and for making what is missing. */
export const SERVING = ['find', 'insert', 'update', 'listCollections', 'listIndexes'];
export const MAKING = ['createCollection', 'createIndex'];

/** A replica set that asks for a user and a password. */
export class MongoWithUsers {
  private constructor(
    private readonly replicaSet: MongoMemoryReplSet,
    private readonly client: mongo.MongoClient,
  ) {}

  static async start(): Promise<MongoWithUsers> {
    const replicaSet = await MongoMemoryReplSet.create({
      replSet: {
        count: 1,
        storageEngine: 'wiredTiger',
        auth: { enable: true, customRootName: ROOT, customRootPwd: ROOT },
        args: ['--networkMessageCompressors', 'disabled'],
      },
    });
    const auth = { username: ROOT, password: ROOT };
    return new MongoWithUsers(replicaSet, new mongo.MongoClient(replicaSet.getUri(), { auth, authSource: 'admin' }));
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.replicaSet.stop();
  }

  /** A database, by a user that may do everything. */
  db(name: string): mongo.Db {
    return this.client.db(name);
  }

  /** The URI of a database for a user of its own that has a built-in role, or a custom one of these actions. */
  async uriFor(database: string, role: string | readonly string[]): Promise<string> {
    const user = `user${Math.random().toString(36).slice(2, 8)}`;
    const resource = { db: database, collection: '' };
    if (typeof role !== 'string') {
      await this.db(database).command({ createRole: user, privileges: [{ resource, actions: role }], roles: [] });
    }
    const roles = typeof role === 'string' ? role.split(' ') : [user];
    await this.db(database).command({ createUser: user, pwd: PASSWORD, roles });
    return this.uriOf(database, `${user}:${PASSWORD}@`);
  }

  /** The URI of a database for nobody. */
  uriOf(database: string, user = ''): string {
    return this.replicaSet.getUri(database).replace('mongodb://', `mongodb://${user}`);
  }
}
