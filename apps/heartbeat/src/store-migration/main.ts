import { text } from 'node:stream/consumers';
import { createLogger, StartError } from '@seguridad-abc/platform';
import { z } from 'zod';
import { migrateHistory } from './migrate-history.js';

const requestSchema = z.object({ folder: z.string(), databaseUrl: z.string(), isFinishing: z.boolean() });

// A program of `npm run migrate-store`. The request comes from standard input, because arguments are visible to others and the URL may
// have a password. Standard output has a line of JSON for each table, and the result.
const write = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void (isStopped = true));
try {
  const request = requestSchema.parse(JSON.parse(await text(process.stdin)));
  const result = await migrateHistory({
    ...request,
    onTable: (table, { rows, copiedRows }) => write({ table, rows, copiedRows }),
    isStopped: () => isStopped,
    now: () => new Date().toISOString(),
    logger: createLogger('migrate-store', 'silent'),
  });
  write({ result: result ?? null });
} catch (error) {
  process.stderr.write(error instanceof StartError ? error.message : String((error as Error).stack));
  process.exitCode = 1;
}
