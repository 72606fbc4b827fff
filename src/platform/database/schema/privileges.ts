import type { mongo } from 'mongoose';
import { StartupError } from '../startup-error.js';

/** An action of MongoDB's, and the collection on which it is needed; undefined: on the database. */
export interface Need {
  readonly action: string;
  readonly collection?: string;
}

interface Privilege {
  readonly resource: { readonly db?: string; readonly collection?: string; readonly anyResource?: boolean };
  readonly actions: readonly string[];
}

interface AuthInfo {
  readonly authenticatedUsers: readonly { readonly user: string; readonly db: string }[];
  readonly authenticatedUserPrivileges: readonly Privilege[];
}

/** Throws a StartupError that says which privileges the user of the connection lacks, and which role has them. */
export async function requirePrivileges(db: mongo.Db, needs: readonly Need[]): Promise<void> {
  const { authInfo } = await db.command({ connectionStatus: 1, showPrivileges: true });
  const { authenticatedUsers: users, authenticatedUserPrivileges: privileges } = authInfo as AuthInfo;
  // Either MongoDB asks for no user, or the next command says that it does.
  if (users.length === 0) return;
  const lacking = needs.filter((need) => !privileges.some((privilege) => isEnough(privilege, db.databaseName, need)));
  if (lacking.length === 0) return;
  const actions = [...new Set(lacking.map(({ action }) => action))];
  const collections = [...new Set(lacking.flatMap(({ collection }) => collection ?? []))];
  const roles = [
    actions.some((action) => action !== 'collMod') && 'readWrite',
    actions.includes('collMod') && 'dbAdmin',
  ];
  throw new StartupError(
    `The MongoDB user "${users.map(({ user }) => user).join(', ')}" lacks the privileges ${actions.join(', ')} on the ` +
      `database "${db.databaseName}"${collections.length > 0 ? ` (${collections.join(', ')})` : ''}: ` +
      `grant it ${roles.filter(Boolean).join(' and ')} on that database.`,
  );
}

function isEnough({ resource, actions }: Privilege, database: string, { action, collection = '' }: Need): boolean {
  if (!actions.includes(action) && !actions.includes('anyAction')) return false;
  if (resource.anyResource) return true;
  const isDatabase = resource.db === '' || resource.db === database;
  return isDatabase && (resource.collection === '' || resource.collection === collection);
}
