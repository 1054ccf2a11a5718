// The worker thread of `bulk-load-thread.ts`.
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger, getErrorMessage } from '@seguridad-abc/platform/storage';
import { createLogClient, requestTextInBulk } from '../projector/log-client.js';
import { loadLogInBulk } from './bulk-load.js';
import type { BulkLoadJob, BulkLoadMessage } from './bulk-load-thread.js';

const { monitoringUrls, headers, pageTimeoutMs, retryMs, logLevel, ...job } = workerData as BulkLoadJob;
const post = (message: BulkLoadMessage) => parentPort?.postMessage(message);
const readLogPage = createLogClient(monitoringUrls, headers, pageTimeoutMs, requestTextInBulk);
/** This process ends the thread if the load must stop. */
const { signal } = new AbortController();

await loadLogInBulk({
  ...job,
  async readPage(from, limit) {
    for (;;) {
      try {
        return await readLogPage(from, limit, signal);
      } catch (error) {
        post({ problem: `monitoring's log cannot be read: ${getErrorMessage(error)}` });
        await delay(retryMs);
      }
    }
  },
  onProgress: (position) => post({ position }),
  logger: createLogger('reports', logLevel),
});
post({ isDone: true });
