import { StartError } from '@seguridad-abc/platform';
import { z } from 'zod';
import { prepareRestoredDatabase } from './prepare-restored-database.js';

const requestSchema = z.object({
  folder: z.string(),
  toPosition: z.int().nonnegative().optional(),
  replacedFile: z.string().optional(),
});

// A program of `npm run restore`: the request is its argument, and the result is JSON on standard output.
try {
  const request = requestSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  process.stdout.write(
    JSON.stringify(await prepareRestoredDatabase({ ...request, now: new Date().toISOString() })),
  );
} catch (error) {
  process.stderr.write(error instanceof StartError ? error.message : String((error as Error).stack));
  process.exitCode = 1;
}
