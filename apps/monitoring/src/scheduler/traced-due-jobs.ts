import { runInSpan, type Tracing } from '@seguridad-abc/platform';
import type { DueJobs } from './due-jobs.js';

/** Wraps due jobs so that each run begins a trace: no client waits for it. */
export const createTracedDueJobs = (jobs: DueJobs, tracing: Tracing): DueJobs => ({
  findNextDueAt: () => jobs.findNextDueAt(),
  runSome: () =>
    runInSpan(tracing.startSpan('run due jobs', { kind: 'internal', parent: undefined }), () =>
      jobs.runSome(),
    ),
});
