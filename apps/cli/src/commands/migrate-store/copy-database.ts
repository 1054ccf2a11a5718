import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import { UserFacingError } from '../../shared/errors.js';

/** A service with a database that can be copied. */
export type CopiedService = 'monitoring' | 'heartbeat';

export interface CopyRequest {
  /** The data folder with the SQLite file of the service. */
  readonly folder: string;
  /** The URL of the PostgreSQL database. */
  readonly databaseUrl: string;
  readonly isFinishing: boolean;
}

const tableSchema = z.object({ table: z.string(), rows: z.int(), copiedRows: z.int() });
/** A table that is done. */
export type CopiedTable = z.infer<typeof tableSchema>;

const resultSchema = z.object({
  tables: z.int(),
  rows: z.int(),
  copiedRows: z.int(),
  /** Of monitoring. */
  position: z.int().optional(),
  isComplete: z.boolean(),
});
export type CopyResult = z.infer<typeof resultSchema>;

const lineSchema = z.union([tableSchema, z.object({ result: resultSchema.nullable() })]);

/**
 * Lets the service's own program copy its database: it knows the tables.
 * @returns null if an earlier call has finished it
 * @throws UserFacingError with the program's message
 */
export async function copyDatabase(
  service: CopiedService,
  request: CopyRequest,
  onTable: (table: CopiedTable) => void,
): Promise<CopyResult | null> {
  // Not as an argument: the URL may have a password, which the list of processes would show.
  const input = JSON.stringify(request);
  const file = join(PROJECT_FOLDER, `apps/${service}/dist/store-migration/main.js`);
  const program = execa(process.execPath, [file], { reject: false, input });
  let result: CopyResult | null | undefined;
  for await (const text of createInterface({ input: program.stdout })) {
    const line = lineSchema.parse(JSON.parse(text));
    if ('result' in line) result = line.result;
    else onTable(line);
  }
  const { stderr, exitCode } = await program;
  if (exitCode !== 0 || result === undefined)
    throw new UserFacingError(
      `The database of ${service} cannot be copied: ${stderr.trim() || `exit code ${String(exitCode)}`}`,
    );
  return result;
}
