import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserFacingError } from '../../shared/errors.js';
import type { copyDatabase, CopiedService, CopyResult } from './copy-database.js';

export interface MigrationTools {
  readonly copy: typeof copyDatabase;
  readonly print: (line: string) => void;
}

/**
 * Copies the databases that a data folder has, one after the other.
 * @throws UserFacingError if it has none
 */
export async function migrateDatabases(
  request: Parameters<typeof copyDatabase>[1],
  { copy, print }: MigrationTools,
): Promise<void> {
  const services = findServices(request.folder, request.isFinishing);
  if (services.length === 0)
    throw new UserFacingError(
      `${request.folder} has no SQLite database to copy: it was moved already, or DATA_DIR must be set to another folder.`,
    );
  for (const service of services) {
    const result = await copy(service, request, ({ table, rows, copiedRows }) => {
      if (rows > 0) print(`${service} ${table}: ${rows} rows, ${copiedRows} copied`);
    });
    print(result ? describe(service, result) : `The database of ${service} was moved already.`);
  }
}

/** Monitoring first: if its copy cannot be completed, heartbeat keeps its file too. */
const COPIED_SERVICES: readonly CopiedService[] = ['monitoring', 'heartbeat'];

/**
 * The services that have a SQLite database in a data folder. Those of the services may be different folders. The last call gives a file
 * another name before its copy is complete; if it was interrupted then, it is repeated with that file.
 */
const findServices = (folder: string, isFinishing: boolean): readonly CopiedService[] =>
  COPIED_SERVICES.filter(
    (service) =>
      existsSync(join(folder, `${service}.sqlite`)) ||
      (isFinishing && existsSync(join(folder, `${service}.migrated.sqlite`))),
  );

function describe(
  service: CopiedService,
  { rows, tables, copiedRows, position, isComplete }: CopyResult,
): string {
  if (!isComplete) return `${copiedRows} rows of ${service} are copied.`;
  const log = position === undefined ? '' : `, and the event log up to position ${position}`;
  return `PostgreSQL has all ${rows} rows of ${tables} tables of ${service}${log}. The SQLite file is now ${service}.migrated.sqlite.`;
}
