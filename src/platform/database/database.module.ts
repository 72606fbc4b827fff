import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { getConnectionToken } from '@nestjs/mongoose';
import { type Connection, createConnection } from 'mongoose';
import { Database, DATABASE_OPTIONS, type DatabaseOptions, PATIENT } from './database.js';
import { ReadyGuard } from './ready.guard.js';
import { Transactions } from './transactions.js';

/** Opened by `Database.start()`, not by Nest: the server listens and says "not ready" until then. */
function unopenedConnection(): Connection {
  const connection = createConnection();
  for (const automatism of ['bufferCommands', 'autoIndex', 'autoCreate']) connection.set(automatism, false);
  return connection;
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
        Transactions,
      ],
      exports: [getConnectionToken(), getConnectionToken(PATIENT), Database, Transactions],
    };
  }
}
