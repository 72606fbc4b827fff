import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { getConnectionToken } from '@nestjs/mongoose';
import { type Connection, Mongoose } from 'mongoose';
import { ClockSync } from './clock-sync.js';
import { Database, PATIENT } from './database.js';
import { DATABASE_OPTIONS, type DatabaseOptions } from './database-options.js';
import { DatabaseMetrics } from './database.metrics.js';
import { Heartbeat } from './heartbeat.js';
import { Lease } from './lease.js';
import { ReadyGuard } from './ready.guard.js';
import { Transactions } from './transactions.js';
import { Upgrade } from './upgrade.js';

/** Opened by `Database.start()`, not by Nest: the server listens and says "not ready" until then. */
function unopenedConnection(): Connection {
  // A connection's own `set` does not reach these: mongoose would make collections and indexes at every start.
  return new Mongoose({ bufferCommands: false, autoIndex: false, autoCreate: false }).createConnection();
}

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: getConnectionToken(), useFactory: unopenedConnection },
        { provide: getConnectionToken(PATIENT), useFactory: unopenedConnection },
        { provide: DATABASE_OPTIONS, useValue: options },
        { provide: APP_GUARD, useClass: ReadyGuard },
        Database,
        DatabaseMetrics,
        Heartbeat,
        Upgrade,
        Lease,
        ClockSync,
        Transactions,
      ],
      exports: [getConnectionToken(), getConnectionToken(PATIENT), Database, Transactions, Upgrade, Lease],
    };
  }
}
