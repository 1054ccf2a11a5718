import { activeSpanStorage } from '@seguridad-abc/platform';
import { recordSpans } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { createTracedDueJobs } from './traced-due-jobs.js';

test('each run of due jobs begins a trace, also if a command has set the timer', async () => {
  const { tracing, spans } = recordSpans();
  const seen: unknown[] = [];
  const jobs = createTracedDueJobs(
    {
      runSome: () => Promise.resolve(seen.push(activeSpanStorage.getStore()?.spanId) < 2),
      findNextDueAt: () => Promise.resolve(7),
    },
    tracing,
  );
  const command = tracing.startSpan('command', { kind: 'internal', parent: undefined });
  expect(await activeSpanStorage.run(command, () => jobs.runSome())).toBe(true);
  expect(await jobs.runSome()).toBe(false);
  expect(await jobs.findNextDueAt()).toBe(7);
  expect(seen).toEqual(['2', '3']);
  expect(spans.slice(1)).toMatchObject([
    { name: 'run due jobs', parent: undefined, hasEnded: true },
    { name: 'run due jobs', parent: undefined, hasEnded: true },
  ]);
});
