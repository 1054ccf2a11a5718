import {
  createLogger,
  getLocalHostAndPort,
  INSTALLATION_SECRET_HEADER,
  readInstallationSecret,
  StartError,
} from '@seguridad-abc/platform';
import { readReportsConfig } from '../config.js';
import { createLogClient } from '../projector/projector.js';
import { formatDifference, formatReport } from './verification-text.js';
import { verifyReadModel } from './verify-read-model.js';

/** A page may be large, and monitoring may be busy. */
const LOG_TIMEOUT_MS = 30_000;
const PROGRESS_INTERVAL_MS = 5_000;
const MAX_PRINTED_DIFFERENCES = 20;

/** A stop removes the temporary database. */
const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort());

// A program of `npm run verify`, whose options are its arguments. It prints the result and ends with its code.
try {
  const config = readReportsConfig(process.env);
  const isRepairing = process.argv.includes('--repair');
  const headers =
    config.AUTH === 'off'
      ? {}
      : { [INSTALLATION_SECRET_HEADER]: readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET) };
  const monitoringUrl =
    config.MONITORING_URL ?? `http://${getLocalHostAndPort(config.HOST, config.MONITORING_PORT)}`;
  let printedAt = performance.now();
  const report = await verifyReadModel({
    dataDir: config.DATA_DIR,
    readLogPage: createLogClient(monitoringUrl, headers, LOG_TIMEOUT_MS),
    isRepairing,
    onProgress(position, end) {
      if (performance.now() - printedAt < PROGRESS_INTERVAL_MS) return;
      printedAt = performance.now();
      console.error(`  projected ${position} of ${end} entries`);
    },
    signal: abort.signal,
    logger: createLogger('reports', 'silent'),
  });
  for (const difference of report.differences.slice(0, MAX_PRINTED_DIFFERENCES))
    console.error(formatDifference(difference));
  console.log(formatReport(report));
  process.exitCode = report.differences.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 2;
}
