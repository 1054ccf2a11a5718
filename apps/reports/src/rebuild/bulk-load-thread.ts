import { Worker } from 'node:worker_threads';
import type { BulkLoadOptions } from './bulk-load.js';

/** What a thread that loads the event log needs. */
export interface BulkLoadJob extends Pick<BulkLoadOptions, 'file' | 'logId' | 'upTo'> {
  readonly monitoringUrls: readonly string[];
  /** Prove to monitoring that the requests come from this installation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pageTimeoutMs: number;
  /** Delay before a page is read again. */
  readonly retryMs: number;
  readonly logLevel: string;
}

/** What the thread sends: how far it is, what it waits for, or that it is done. */
export interface BulkLoadMessage {
  readonly position?: number;
  readonly problem?: string;
  readonly isDone?: boolean;
}

/** Runs `loadLogInBulk` in a worker thread, so that queries do not wait for it. */
export async function loadLogInThread(
  job: BulkLoadJob,
  onMessage: (message: BulkLoadMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./bulk-load-worker.js', import.meta.url), {
    name: 'rebuild of the read model',
    workerData: job,
  });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      let isDone = false;
      worker.on('message', (message: BulkLoadMessage) => {
        isDone ||= message.isDone === true;
        onMessage(message);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        if (isDone) resolve();
        else reject(new Error(`the thread that loads the log ended with exit code ${code}`));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    // The file must not be open when this function has ended.
    await worker.terminate();
  }
}
