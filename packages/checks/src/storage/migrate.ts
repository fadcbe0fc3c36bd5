import type { Database } from './database.ts';
import { StorageError } from './storage-error.ts';

/** "LKST": marks a file as Lockstep's, so that no other program's database is ever taken for one. */
const applicationId = 0x4c4b5354;

/**
 * Brings the file to the schema that this program knows; `steps[n]` leads from version n to n + 1, each in a
 * transaction of its own. Touches nothing in a file that it refuses. Throws StorageError.
 */
export function migrate(db: Database, steps: readonly string[]): void {
  const found = refuseUnknown(db, steps);
  for (const [version, step] of steps.entries()) {
    if (version < found) continue;
    db.transaction(() => {
      db.exec(step);
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}`);
    });
  }
}

/**
 * Answers the version of the file, by the name that it is attached under. Throws StorageError for one that this program
 * does not know.
 */
export function refuseUnknown(db: Database, steps: readonly string[], schema = 'main'): number {
  const found = pragma(db, schema, 'user_version');
  refuseForeign(db, schema, found);
  if (found > steps.length) {
    throw new StorageError(
      'newer',
      `${db.file} was written by a newer Lockstep: it has schema version ${found}, this program knows up to ${steps.length}; run the newer Lockstep, or give this one another file (storage.file)`,
    );
  }
  return found;
}

function refuseForeign(db: Database, schema: string, version: number): void {
  const id = pragma(db, schema, 'application_id');
  const isEmpty = db.get(`SELECT 1 FROM ${schema}.sqlite_schema LIMIT 1`) === undefined;
  if (id === applicationId || (id === 0 && version === 0 && isEmpty)) return;
  throw new StorageError(
    'foreign',
    `${db.file} is the database of another program and stays as it is; give Lockstep a file of its own (storage.file)`,
  );
}

function pragma(db: Database, schema: string, name: 'user_version' | 'application_id'): number {
  return db.get<Record<string, number>>(`PRAGMA ${schema}.${name}`)?.[name] ?? 0;
}
