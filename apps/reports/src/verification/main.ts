import { text } from 'node:stream/consumers';
import { createLogger, StartError } from '@seguridad-abc/platform';
import { z } from 'zod';
import { createLogClient } from '../projector/log-client.js';
import { formatDifference, formatReport } from './verification-text.js';
import { verifyReadModel } from './verify-read-model.js';

/** A page may be large, and monitoring may be busy. */
const LOG_TIMEOUT_MS = 30_000;
const PROGRESS_INTERVAL_MS = 5_000;
const MAX_PRINTED_DIFFERENCES = 20;

const requestSchema = z.object({
  /** The folder with `reports.sqlite`. */
  dataDir: z.string(),
  monitoringUrls: z.array(z.string()),
  /** They prove to monitoring that the request comes from this installation. */
  headers: z.record(z.string(), z.string()),
  isRepairing: z.boolean(),
});

const print = (line: string) => void process.stdout.write(`${line}\n`);
const warn = (line: string) => void process.stderr.write(`${line}\n`);

/** A stop removes the temporary database. */
const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort());

// A program of `npm run verify`, which writes the request to standard input: arguments would show the secret to others. It
// prints the result, and ends with the exit code of the command.
try {
  const request = requestSchema.parse(JSON.parse(await text(process.stdin)));
  let printedAt = performance.now();
  const report = await verifyReadModel({
    dataDir: request.dataDir,
    readLogPage: createLogClient(request.monitoringUrls, request.headers, LOG_TIMEOUT_MS),
    isRepairing: request.isRepairing,
    onProgress(position, end) {
      if (performance.now() - printedAt < PROGRESS_INTERVAL_MS) return;
      printedAt = performance.now();
      warn(`  ${position} of ${end} entries are projected`);
    },
    signal: abort.signal,
    logger: createLogger('reports', 'silent'),
  });
  for (const difference of report.differences.slice(0, MAX_PRINTED_DIFFERENCES))
    warn(formatDifference(difference));
  print(formatReport(report));
  process.exitCode = report.differences.length === 0 ? 0 : 1;
} catch (error) {
  if (error instanceof StartError) warn(error.message);
  else warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
}
