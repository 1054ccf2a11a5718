import { execa } from 'execa';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import { UserFacingError } from '../../shared/errors.js';

/** What monitoring prepares in a copied database, before it becomes the one of the installation. */
export interface PrepareRequest {
  /** The folder with the copy of `monitoring.sqlite`. */
  readonly folder: string;
  /** The last position to keep. */
  readonly toPosition: number | undefined;
  /** The database that is replaced, whose erasures are repeated; undefined if there is none. */
  readonly replacedFile: string | undefined;
}

const resultSchema = z.object({
  /** The position at which the restored log ends. */
  position: z.int().nonnegative(),
  /** The users that monitoring erases again. */
  repeatedErasures: z.int().nonnegative(),
  /** Whether the erasures after the backup are known. */
  areErasuresKnown: z.boolean(),
});
export type PreparedLog = z.infer<typeof resultSchema>;

export type PrepareRestoredLog = (request: PrepareRequest) => Promise<PreparedLog>;

/**
 * Lets monitoring's own program prepare the copy: it knows the tables, and migrates those of an older version.
 * @throws UserFacingError with the program's message
 */
export const prepareWithMonitoring: PrepareRestoredLog = async (request) => {
  const program = join(PROJECT_FOLDER, 'apps/monitoring/dist/restore/main.js');
  const { stdout, stderr, exitCode } = await execa(process.execPath, [program, JSON.stringify(request)], {
    reject: false,
  });
  if (exitCode !== 0)
    throw new UserFacingError(
      `The backup cannot be restored: ${stderr.trim() || `exit code ${String(exitCode)}`}`,
    );
  return resultSchema.parse(JSON.parse(stdout));
};
