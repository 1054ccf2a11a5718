// The worker thread of `snapshots.ts`.
import { parentPort, workerData } from 'node:worker_threads';
import { copyReadModel, type SnapshotCopyFiles } from './snapshot-copy.js';

parentPort?.postMessage(await copyReadModel(workerData as SnapshotCopyFiles));
