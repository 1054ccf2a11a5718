// Vitest resolves the packages of a global setup without the condition `source`.
import { startPostgres } from '../../packages/platform/src/testing/postgres-server.js';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the PostgreSQL server of this run. Undefined: tests run on SQLite. */
    readonly postgresUrl: string;
  }
}

/** Starts one PostgreSQL server for all files of a run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('postgresUrl', server.url);
  return () => server.close();
}
